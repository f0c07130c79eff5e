"""MkDocs' warnings, with the file and line that they are about."""

import logging
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

from kbgen.foreign import line_in, line_with
from kbgen.messages import Message

_LINK = re.compile(
    r"Doc file '(?P<source>.+?)' contains an? (?P<rest>.*?link(?: to)? '(?P<url>.*?)'.*)", re.DOTALL
)
_NAV = re.compile(r"(?:A reference|An absolute path) to '(?P<url>.*?)' is included in the 'nav'")
_BEFORE_LINK = re.compile(r"""(?:\]\(|\]:|\b(?:href|src)=["'])[ \t]*<?\Z""")
_LONGEST_BEFORE = 20  # characters
_AFTER_LINK = frozenset(" \t\n)>\"'")


class Locator(logging.Filter):
    """Gives MkDocs' warnings about links the file and line they are about."""

    def __init__(self, config: MkDocsConfig) -> None:
        super().__init__()
        self.root = Path(config.config_file_path).parent
        self.config_file = Path(config.config_file_path)
        self.docs = Path(config.docs_dir)
        self._source = Path()
        self._reported: Counter[str] = Counter()  # how often, by address, in this source

    def filter(self, record: logging.LogRecord) -> bool:
        """Replace the record's text by a message with a place, where one can be found."""
        if not isinstance(record.msg, Message):
            record.msg, record.args = self.located(record.levelno, record.getMessage()), ()
        return True

    def located(self, level: int, text: str) -> Message:
        """Return `text` as a message about the place it names."""
        if link := _LINK.match(text):
            source = self.docs / link["source"]
            rest = " ".join(link["rest"].split()).rstrip(".")
            rest += "" if "Did you mean" in rest else "; correct it, or add what it points to"
            if source != self._source or " anchor" in rest:  # those are reported once for a page
                self._source = source
                self._reported.clear()
            return Message(level, rest, self.shown(source), self.line(source, link["url"]))
        if entry := _NAV.match(text):
            line = line_with(self.config_file, entry["url"])
            return Message(level, text, self.config_file.name, line)
        return Message(level, text)

    def line(self, source: Path, url: str) -> int:
        """Return the line of a link to `url`: of several the next one, as MkDocs reports each."""
        lines, before = lines_of_links(source, url), self._reported[url]
        self._reported[url] += 1
        return lines[before % len(lines)] if lines else 0

    def shown(self, file: Path) -> str:
        """Return `file` as a message names it: relative to the project's root if below it."""
        return str(file.relative_to(self.root) if file.is_relative_to(self.root) else file)

    def install(self) -> None:
        """Take the place of the locator of an earlier build."""
        for name in ("mkdocs.structure.pages", "mkdocs.structure.nav"):
            logger = logging.getLogger(name)
            logger.filters[:] = [f for f in logger.filters if not isinstance(f, Locator)]
            logger.addFilter(self)


def lines_of_links(file: Path, url: str) -> list[int]:
    """Return the 1-based lines of `file` on which `url` is linked to, else the first that has it.

    Text may well name a file before there is a link to it.
    """
    try:
        text = file.read_text("utf-8", "replace")
    except OSError:
        return []
    links = [text.count("\n", 0, at) + 1 for at in _places(text, url) if _is_link(text, at, url)]
    return links or [line_in(text, url)]


def _places(text: str, part: str) -> Iterator[int]:
    """Yield where a part of a text begins, each time."""
    at = text.find(part)
    while at >= 0:
        yield at
        at = text.find(part, at + 1)


def _is_link(text: str, at: int, url: str) -> bool:
    """Tell whether an address that stands there is linked to."""
    after = text[at + len(url) : at + len(url) + 1]
    before = text[max(0, at - _LONGEST_BEFORE) : at]
    return (not after or after in _AFTER_LINK) and bool(_BEFORE_LINK.search(before))


def check_anchors(
    pages: Iterable[Page],
    links: Mapping[str, Mapping[str, dict[str, str]]],
    files: Files,
    config: MkDocsConfig,
) -> None:
    """Report links to anchors that do not exist; `links` is by source of the linking page."""
    level = config.validation.links.anchors
    for page in pages:
        if targets := links[page.file.src_uri]:
            found = ((files.src_uris.get(name), anchors) for name, anchors in targets.items())
            page.links_to_anchors = {file: anchors for file, anchors in found if file}
            page.validate_anchor_links(files=files, log_level=level)
