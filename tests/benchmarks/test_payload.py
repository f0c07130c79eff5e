from __future__ import annotations

from pathlib import Path

from benchmarks.payload import Traffic, queries
from benchmarks.sites import SitePage, whole


def test_each_file_counts_once_and_the_page_itself_not_at_all(tmp_path: Path) -> None:
    (tmp_path / "index.js").write_bytes(b"x" * 1000)
    traffic = Traffic(tmp_path)
    for path in ("kbgen.html", "index.js", "index.js?again"):
        traffic.note(f"http://localhost:1/{path}")
    first = traffic.take()
    assert 0 < first < 100, "a thousand equal bytes compress well"
    assert traffic.take() == 0


def test_files_that_do_not_compress_count_as_they_are(tmp_path: Path) -> None:
    content = bytes(range(256))
    (tmp_path / "a.wasm").write_bytes(content)
    traffic = Traffic(tmp_path)
    traffic.note("http://localhost:1/a.wasm")
    assert traffic.take() == len(content)


def test_queries_of_titles_come_in_a_fixed_order(tmp_path: Path) -> None:
    titles = ["Reset your password", "Change your plan", "Invoices"]
    assert queries(tmp_path, titles, 4) == queries(tmp_path, titles, 4)
    assert {"Reset", "Change your"} & set(queries(tmp_path, titles, 4))


def test_a_page_without_a_heading_gets_its_title_as_one() -> None:
    assert "<h1>Plans</h1><p>x</p>" in whole(SitePage("p0/", "Plans", "<p>x</p>"))
    assert whole(SitePage("p0/", "Plans", '<h1 id="a">Our plans</h1>')).count("<h1") == 1
