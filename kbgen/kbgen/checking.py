"""`kbgen check`: everything that is worth mending, in one list."""

import datetime
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

import msgspec

from kbgen import deadlinks, findable, lints, manifest, pipeline, project
from kbgen.findable import Source, source_of
from kbgen.foreign import line_in, line_with
from kbgen.messages import Message
from kbgen.pipeline import Options
from kbgen.project import Places, Wish
from kbgen.summary import WARNING, Summary

NOTES = ("link", "anchor")


class Docs(NamedTuple):
    """The docs folder of the project in `root`, and its files by their ways from there."""

    root: Path
    folder: Path
    files: frozenset[str]

    @classmethod
    def of(cls, file: Path) -> "Docs":
        """Return the docs folder of the project of `file`."""
        folder = project.docs_folder(file)
        files = (path for path in folder.rglob("*") if path.is_file())
        paths = frozenset(path.relative_to(folder).as_posix() for path in files)
        return cls(file.parent, folder, paths)


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
    docs = Docs.of(file)
    found = [_with_meant(message, docs) for message in _of_build(summary)]
    articles = None
    if not summary.errors:
        entries = json.loads((site / manifest.NAME).read_bytes())["articles"]
        articles = len(entries)
        sources = list(_sources(entries, docs))
        for entry, source in sources:
            told = [message.text for message in found if message.file == source.place]
            found += lints.of_article(entry, source.text, source.place, today)
            found += _of_html(entry, source, docs, site, told)
        found += _dead_of_settings(site, file)
        places = Places(file.parent, site)
        texts = [source for _, source in sources]
        found += findable.findings(texts, file.parent, places.index)
    unique = sorted(set(found), key=lambda m: (m.file, m.line, m.text))
    return Report(tuple(unique), articles)


def _of_build(summary: Summary) -> Iterator[Message]:
    """Yield what the build itself complained about, and its notes on links."""
    for message in summary.messages:
        if message.level >= WARNING or any(word in message.text for word in NOTES):
            yield message


def _with_meant(message: Message, docs: Docs) -> Message:
    """Return a message about a link without target with the file that may be meant."""
    place = docs.root / message.file
    if not place.is_relative_to(docs.folder):
        return message
    source = place.relative_to(docs.folder).as_posix()
    text = deadlinks.with_meant(message.text, source, docs.files)
    return msgspec.structs.replace(message, text=text)


def _sources(
    entries: Sequence[Mapping[str, Any]], docs: Docs
) -> Iterator[tuple[Mapping[str, Any], Source]]:
    """Yield each article of the manifest with its source; not those that a plugin made."""
    for entry in entries:
        file = docs.folder / entry["source"]
        if file.is_file():
            inside = file.is_relative_to(docs.root)
            place = str(file.relative_to(docs.root)) if inside else str(file)
            yield entry, source_of(entry, file.read_text("utf-8-sig", "replace"), place)


def _of_html(
    entry: Mapping[str, Any], source: Source, docs: Docs, site: Path, told: Sequence[str]
) -> Iterator[Message]:
    """Yield what an article's HTML fetches from other servers, and the addresses in it that lead
    nowhere and of which nothing is `told`.
    """
    html, url = _halves(site, entry["url"]).article, unquote(entry["url"])
    yield from lints.of_content(html, source.text, source.place)
    for one in deadlinks.dead(html, url, site):
        if not any(f"'{one.address}" in text for text in told):
            text = deadlinks.in_html(one, url, entry["source"], docs.files)
            yield Message(WARNING, text, source.place, line_in(source.text, one.address))


def _dead_of_settings(site: Path, file: Path) -> Iterator[Message]:
    """Yield the styles, scripts and pictures of the settings that are not in the site."""
    for one in deadlinks.dead(_halves(site, "").around, "", site):
        if line := line_with(file, one.address):
            text = f"there is no {one.path} in the site; correct it, or add it to the docs folder"
            yield Message(WARNING, text, file.name, line)


class Halves(NamedTuple):
    """The HTML of a page: its article, and what is around that."""

    article: str
    around: str


def _halves(site: Path, url: str) -> Halves:
    path = site / unquote(url)
    file = path / "index.html" if url.endswith("/") or not url else path
    html = file.read_text("utf-8") if file.is_file() else ""
    before, _, rest = html.partition("<article")
    article, _, after = rest.partition("</article>")
    return Halves(article, before + after)
