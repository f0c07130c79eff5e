"""`kbgen check`: everything that is worth mending, in one list."""

import datetime
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from kbgen import findable, lints, manifest, pipeline, project
from kbgen.findable import Source, source_of
from kbgen.messages import Message
from kbgen.pipeline import Options
from kbgen.project import Places, Wish
from kbgen.summary import WARNING, Summary

NOTES = ("link", "anchor")


@dataclass(frozen=True)
class Report:
    """What was found, in order of file and line; `articles` is None if none was looked at."""

    findings: tuple[Message, ...]
    articles: int | None

    def as_json(self) -> dict[str, Any]:
        """Return the report as `kbgen check --json` prints it."""
        found = [
            {"level": m.label, "file": m.file or None, "line": m.line or None, "text": m.text}
            for m in self.findings
        ]
        return {"articles": self.articles, "findings": found}


def check(file: Path, today: datetime.date) -> Report:
    """Build the project of `file` out of sight; return what is worth mending in it."""
    site = file.parent / ".kbgen" / "check"
    summary = pipeline.build(file, Wish(str(site), strict=False), Options())
    found = list(_of_build(summary))
    articles = None
    if not summary.errors:
        docs = project.docs_folder(file)
        entries = json.loads((site / manifest.NAME).read_bytes())["articles"]
        articles = len(entries)
        sources = list(_sources(entries, docs, file.parent))
        for entry, source in sources:
            found += lints.of_article(entry, source.text, source.place, today)
            found += lints.of_content(_article_html(site, entry["url"]), source.text, source.place)
        places = Places(file.parent, site)
        ids = {entry["id"] for entry in entries}
        texts = [source for _, source in sources]
        found += findable.findings(texts, ids, file.parent, places.index)
    unique = sorted(set(found), key=lambda m: (m.file, m.line, m.text))
    return Report(tuple(unique), articles)


def _of_build(summary: Summary) -> Iterator[Message]:
    """Yield what the build itself complained about, and its notes on links."""
    for message in summary.messages:
        if message.level >= WARNING or any(word in message.text for word in NOTES):
            yield message


def _sources(
    entries: Sequence[Mapping[str, Any]], docs: Path, root: Path
) -> Iterator[tuple[Mapping[str, Any], Source]]:
    """Yield each article of the manifest with its source; not those that a plugin made."""
    for entry in entries:
        file = docs / entry["source"]
        if file.is_file():
            place = str(file.relative_to(root)) if file.is_relative_to(root) else str(file)
            yield entry, source_of(entry, file.read_text("utf-8-sig", "replace"), place)


def _article_html(site: Path, url: str) -> str:
    """Return the article's part of its page."""
    path = site / unquote(url)
    file = path / "index.html" if url.endswith("/") or not url else path
    html = file.read_text("utf-8") if file.is_file() else ""
    _, _, after = html.partition("<article")
    return after.partition("</article>")[0]
