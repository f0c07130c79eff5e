from __future__ import annotations

import sys
from pathlib import Path

import pytest
from benchmarks import build, processes, tables
from benchmarks.build import Run


def test_tables_pad_their_columns_and_show_fractions_and_gaps() -> None:
    assert tables.table(["a", "value"], [["x", 0.5], ["longer", None]]) == (
        "| a      | value |\n| ------ | ----: |\n| x      | 0.500 |\n| longer |     - |"
    )


def test_the_median_run_counts_and_the_largest_memory() -> None:
    runs = [Run("s", "kbgen", "cold", seconds, 10 * seconds, 7) for seconds in (1.0, 9.0, 2.0)]
    assert build.medians(runs)["s", "cold", "kbgen"] == Run("s", "kbgen", "cold", 2.0, 90.0, 7)


def test_ratios_are_kbgens_over_the_other_tools() -> None:
    runs = [Run("s", "kbgen", "cold", 1, 1, 30), Run("s", "mkdocs", "cold", 4, 1, 60)]
    assert "|      0.250 |         0.250 |       0.500 |" in build.report(runs)


def test_the_ratio_is_that_of_the_median_round() -> None:
    ours = [Run("s", "kbgen", "cold", seconds, 0, 1) for seconds in (5.0, 9.0, 5.0)]
    theirs = [Run("s", "mkdocs", "cold", seconds, 0, 1) for seconds in (10.0, 20.0, 20.0)]
    assert build.ratios([*ours, *theirs])["s", "cold", "mkdocs"] == [0.5, 0.45, 0.25]
    assert "|      0.450 | 0.250 0.450 0.500 |" in build.report([*ours, *theirs])


def test_an_edit_changes_one_article(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    for name in "abc":
        (docs / f"{name}.md").write_text("# T\n", encoding="utf-8")
    build.edit(tmp_path, 1)
    changed = [file.name for file in sorted(docs.iterdir()) if file.read_text() != "# T\n"]
    assert changed == ["b.md"]


def test_a_grown_site_has_as_many_copies_and_the_first_is_the_original(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "a.md").write_text("# T\n\nwords of an article\n", encoding="utf-8")
    build.grow(source, tmp_path / "home", 3)
    copies = sorted((tmp_path / "home/docs").rglob("a.md"))
    assert len(copies) == 3
    assert copies[0].read_bytes() == (source / "a.md").read_bytes()


def test_copies_stay_in_the_folder_of_their_language(tmp_path: Path) -> None:
    for name in ("en/guide/a.md", "fr/index.md", "about.md"):
        file = tmp_path / "source" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("# T\n", encoding="utf-8")
    build.grow(tmp_path / "source", tmp_path / "home", 2)
    docs = tmp_path / "home/docs"
    places = ["en/part0/guide/a.md", "en/part1/guide/a.md", "fr/part0/index.md"]
    places += ["fr/part1/index.md", "part0/about.md", "part1/about.md"]
    assert sorted(path.relative_to(docs).as_posix() for path in docs.rglob("*.md")) == places


def test_growth_is_told_in_seconds_and_in_those_of_the_processor() -> None:
    runs = [
        Run(site, "kbgen", state, seconds, 0.0, 7, processor)
        for state in ("cold", "one edit")
        for site, seconds, processor in (("few", 2.0, 3.0), ("few", 4.0, 3.0), ("many", 30.0, 24.0))
    ]
    line = "many, cold: 10.0 times the seconds of few, 8.0 times the processor's"
    assert build.growth_report(runs).endswith(line)


def test_a_tool_that_cannot_build_a_site_is_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "site.md").write_text("# T\n", encoding="utf-8")
    broken = build.Builder("broken", "search", ("python", "-c", "raise SystemExit('no idea')"))
    assert build.compare(tmp_path, [broken], 2) == []
    assert capsys.readouterr().err.count("left out: ") == 1


def test_a_command_that_fails_is_named_with_what_it_said(tmp_path: Path) -> None:
    with pytest.raises(processes.CommandError, match="no such flag"):
        processes.run(["sh", "-c", "echo no such flag; exit 3"], tmp_path)


def test_the_cost_of_a_command_holds_its_children(tmp_path: Path) -> None:
    busy = "sum(range(10_000_000))"
    cost = processes.run(["sh", "-c", f"{sys.executable} -c '{busy}' & sleep 0.2; wait"], tmp_path)
    assert 0.2 <= cost.seconds < 30
    assert 0.02 <= cost.processor <= cost.seconds * 2
    assert cost.mebibytes > 0
