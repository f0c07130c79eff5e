"""Building a site with kbgen, with MkDocs and Material, and with Zensical, from the same files.

    python -m benchmarks.build --corpora DIR [--sites fastapi,csc-user-guide] [--repeat 3]

Each tool builds a copy of the site from nothing (cold), again with nothing changed, and again
after one sentence was added to one article; medians of `--repeat` rounds, tools taking turns. A
machine's speed changes from minute to minute, so the time ratio is the median of the rounds' own
ratios, which stand beside it. A round before them looks at the memory, which takes time from what
is measured.
MkDocs runs with Material, its search and `navigation.prune`; kbgen with its plugin in the place
of Material's search, so that its time holds both search indexes. `--growth 10` instead builds the
articles of the first site, and that many times as many (copies with changed words, in the folder of
their language), with kbgen alone.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks import processes, synth, tables
from benchmarks.processes import MEBI, Cost
from kbgen import locales

CONFIG = """\
site_name: {name}
site_url: https://example.com/
docs_dir: docs
theme:
  name: material
  font: false
  features: [navigation.indexes, navigation.tabs, navigation.prune]
plugins: [{plugins}]
markdown_extensions:
  - admonition
  - attr_list
  - def_list
  - md_in_html
  - tables
  - toc: {{permalink: true}}
  - pymdownx.details
  - pymdownx.highlight
  - pymdownx.inlinehilite
  - pymdownx.superfences
  - pymdownx.tabbed: {{alternate_style: true}}
"""
BIN = Path(sys.executable).parent
STATES = ("cold", "unchanged", "one edit")


@dataclass(frozen=True)
class Builder:
    """A tool: its name, the plugins of its mkdocs.yml, its command, and what it leaves behind."""

    name: str
    plugins: str
    command: tuple[str, ...]
    caches: tuple[str, ...] = ()


BUILDERS = (
    Builder("kbgen", "kbgen", ("kbgen", "build"), (".kbgen",)),
    Builder("mkdocs", "search", ("mkdocs", "build", "-q")),
    Builder("zensical", "search", ("zensical", "build"), (".cache",)),
)


@dataclass(frozen=True)
class Run:
    """One build of one site by one tool, in one state; size in bytes of the whole output.

    Seconds are of wall time, `processor` of user and system time on all cores.
    """

    site: str
    builder: str
    state: str
    seconds: float
    mebibytes: float
    size: int
    processor: float = 0.0


def project(source: Path, home: Path, builder: Builder) -> None:
    """Copy a site's Markdown into a folder of the tool's own, with the common configuration."""
    docs = source / "docs" if (source / "docs").is_dir() else source
    shutil.copytree(docs, home / "docs")
    config = CONFIG.format(name=source.name, plugins=builder.plugins)
    (home / "mkdocs.yml").write_text(config, encoding="utf-8")


def build(home: Path, builder: Builder, watch: bool) -> Cost:
    """Run the tool in its folder; broken links in the articles are no failure here."""
    program, *rest = builder.command
    return processes.run([str(BIN / program), *rest], home, watch=watch)


def forget(home: Path, builder: Builder) -> None:
    """Put the output and all that the tool kept out of its way.

    Nothing is deleted until all is measured: for some seconds, a file system takes longer to make
    files where it has just removed thousands.
    """
    away = Path(tempfile.mkdtemp(prefix=f"{home.name}-", dir=home.parent))
    for name in ("site", *builder.caches):
        if (home / name).exists():
            (home / name).rename(away / name)


def edit(home: Path, count: int) -> None:
    """Add a sentence to one article, another one each time."""
    files = sorted((home / "docs").rglob("*.md"))
    file = files[len(files) // 2]
    text = file.read_text(encoding="utf-8")
    file.write_text(f"{text}\nOne more sentence, number {count}.\n", encoding="utf-8")


def size_of(folder: Path) -> int:
    """Return the bytes of all files in a folder."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def rounds(site: str, home: Path, builder: Builder, count: int) -> list[Run]:
    """Return one run a state: cold, then unchanged, then after an edit.

    In round 0 the memory is looked at, so that its times are not to be counted.
    """
    runs = []
    for state in STATES:
        if state == "cold":
            forget(home, builder)
        elif state == "one edit":
            edit(home, count)
        cost = build(home, builder, watch=count == 0)
        size = size_of(home / "site")
        spent = (cost.seconds, cost.mebibytes, size, cost.processor)
        runs.append(Run(site, builder.name, state, *spent))
        print(f"{site} {builder.name} {state}: {cost.seconds:.2f} s", file=sys.stderr)
    return runs


def compare(source: Path, builders: Sequence[Builder], repeat: int) -> list[Run]:
    """Return all runs of all tools on a site; a tool that cannot build it is named and left out."""
    runs: list[Run] = []
    with tempfile.TemporaryDirectory() as folder:
        homes = {builder: Path(folder) / builder.name for builder in builders}
        for builder, home in homes.items():
            project(source, home, builder)
        for count in range(repeat + 1):
            for builder, home in list(homes.items()):
                try:
                    runs += rounds(source.name, home, builder, count)
                except processes.CommandError as error:
                    print(f"{source.name}: left out: {error}", file=sys.stderr)
                    del homes[builder]
    return runs


def medians(runs: Sequence[Run]) -> dict[tuple[str, str, str], Run]:
    """Return medians for each site, tool and state: of the rounds without a look at memory."""
    return {key: _median(key, group) for key, group in _groups(runs).items()}


def ratios(runs: Sequence[Run]) -> dict[tuple[str, str, str], list[float]]:
    """Return the share of each round's seconds that kbgen took, for each site, tool and state."""
    groups = {key: _timed(group) for key, group in _groups(runs).items()}
    return {
        (site, state, builder): [
            our.seconds / run.seconds
            for our, run in zip(groups.get((site, state, "kbgen"), []), group, strict=False)
        ]
        for (site, state, builder), group in groups.items()
    }


def _groups(runs: Sequence[Run]) -> dict[tuple[str, str, str], list[Run]]:
    groups: dict[tuple[str, str, str], list[Run]] = {}
    for run in runs:
        groups.setdefault((run.site, run.state, run.builder), []).append(run)
    return groups


def _timed(group: Sequence[Run]) -> Sequence[Run]:
    return [run for run in group if not run.mebibytes] or group


def _median(key: tuple[str, str, str], group: Sequence[Run]) -> Run:
    timed = _timed(group)
    return Run(
        *(key[0], key[2], key[1]),
        statistics.median(run.seconds for run in timed),
        max(run.mebibytes for run in group),
        group[-1].size,
        statistics.median(run.processor for run in timed),
    )


def report(runs: Sequence[Run]) -> str:
    """Return the table: a line a site, state and tool, with kbgen over it in time and bytes."""
    found, shares = medians(runs), ratios(runs)
    rows: list[list[tables.Cell]] = []
    for (site, state, builder), run in found.items():
        ours, share = found.get((site, state, "kbgen")), shares[site, state, builder]
        smaller = ours.size / run.size if ours else None
        row: list[tables.Cell] = [f"{site}, {state}", builder, run.seconds, run.processor]
        row += [run.mebibytes, run.size / MEBI, statistics.median(share) if share else None]
        rows.append([*row, " ".join(f"{one:.3f}" for one in sorted(share)), smaller])
    header = [
        "site",
        "tool",
        "s",
        "CPU s",
        "peak MiB",
        "output MiB",
        "time ratio",
        "of the rounds",
        "bytes ratio",
    ]
    return tables.table(header, sorted(rows, key=lambda row: str(row[0])))


def grow(source: Path, home: Path, times: int) -> None:
    """Fill `home`/docs with `times` copies of a site's articles, all but the first changed."""
    files = sorted(source.rglob("*.md"))
    texts = [file.read_text(encoding="utf-8", errors="replace") for file in files]
    words = synth.Vocabulary(texts)
    for copy in range(times):
        change = words.change(copy)
        for file, text in zip(files, texts, strict=True):
            target = home / "docs" / _place(file.relative_to(source), copy)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(synth.markdown(text, change), encoding="utf-8")


def _place(path: Path, copy: int) -> Path:
    """Return where a copy of an article goes: articles stay in their language's folder."""
    language = path.parts[0] if locales.canonical(path.parts[0]) else ""
    return Path(language, f"part{copy}", path.relative_to(language))


def growth(source: Path, times: int, repeat: int) -> list[Run]:
    """Return kbgen's runs on a site's articles, and on that many times as many, taking turns."""
    ours, runs = BUILDERS[0], []
    with tempfile.TemporaryDirectory() as folder:
        homes = [Path(folder) / str(copies) for copies in (1, times)]
        for home, copies in zip(homes, (1, times), strict=True):
            grow(source, home, copies)
            config = CONFIG.format(name=source.name, plugins=ours.plugins)
            (home / "mkdocs.yml").write_text(config, encoding="utf-8")
        for count in range(repeat + 1):
            for home in homes:
                articles = sum(1 for _ in (home / "docs").rglob("*.md"))
                runs += rounds(f"{source.name}, {articles:,} articles", home, ours, count)
    return runs


def growth_report(runs: Sequence[Run]) -> str:
    """Return the table, and how many times the seconds and processor seconds of the small site
    the large one takes from nothing; the small one comes first.
    """
    small, large = (run for (_, state, _), run in medians(runs).items() if state == "cold")
    times, processor = large.seconds / small.seconds, large.processor / small.processor
    line = f"{large.site}, cold: {times:.1f} times the seconds of {small.site}"
    return f"{report(runs)}\n\n{line}, {processor:.1f} times the processor's"


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.build", description=__doc__)
    parser.add_argument("--corpora", type=Path, required=True, help="folder that holds kb/")
    parser.add_argument("--sites", default="fastapi,csc-user-guide", help="under kb/, by comma")
    parser.add_argument("--builders", default="kbgen,mkdocs,zensical", help="which, by comma")
    parser.add_argument("--repeat", type=int, default=3, help="rounds, after one for memory")
    parser.add_argument("--growth", type=int, help="grow the first site this many times instead")
    parser.add_argument("--json", type=Path, help="write all runs to this file too")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the comparison; returns the exit code."""
    options = _options(arguments)
    processes.compile_ours()
    sources = [options.corpora / "kb" / name for name in options.sites.split(",")]
    chosen = [builder for builder in BUILDERS if builder.name in options.builders.split(",")]
    if options.growth:
        runs = growth(sources[0], options.growth, options.repeat)
        print(growth_report(runs))
    else:
        runs = [run for source in sources for run in compare(source, chosen, options.repeat)]
        print(report(runs))
    if options.json:
        options.json.write_text(json.dumps([asdict(run) for run in runs], indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
