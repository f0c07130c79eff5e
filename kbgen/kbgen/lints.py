"""What is worth mending in articles although a site can be made of them."""

import datetime
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kbgen import frontmatter
from kbgen.foreign import is_foreign, line_in
from kbgen.frontmatter import FrontMatter
from kbgen.messages import Message

REVIEW_AFTER = datetime.timedelta(days=365)
_EMBEDDED = re.compile(
    r"<(?:img|iframe|script|source|video|audio|embed|link)\b[^>]*?\b(?:src|href)=\"([^\"]+)\"[^>]*>"
)
_LINK_TAG = re.compile(r"<link\b[^>]*\brel=\"(?!stylesheet|icon|preload)")


def of_article(
    entry: Mapping[str, Any], source: str, place: str, today: datetime.date
) -> Iterator[Message]:
    """Yield what is worth mending in an article.

    `entry` is what the manifest says of it, `source` its Markdown, `place` its file.
    """
    if not entry["words"]:
        yield Message(30, "the article is empty; write it or remove it", place, 1)
    matter = FrontMatter.of(frontmatter.read(source))
    if matter.reviewed and today - matter.reviewed > REVIEW_AFTER:
        line = line_in(source, "reviewed:")
        text = f"last reviewed on {matter.reviewed}; read it again and change `reviewed`"
        yield Message(30, text, place, line)
    if matter.reviewed and matter.reviewed > today:
        text = f"reviewed on {matter.reviewed}, which is still to come; correct the date"
        yield Message(30, text, place, line_in(source, "reviewed:"))


def of_content(html: str, source: str, place: str) -> Iterator[Message]:
    """Yield each thing in an article's `html` that readers' browsers fetch from other servers."""
    for address in dict.fromkeys(_foreign(html)):
        text = f"every reader's browser fetches {address} from another server; put a copy into docs"
        yield Message(30, text, place, line_in(source, address))


def _foreign(html: str) -> Iterable[str]:
    for match in _EMBEDDED.finditer(html):
        if is_foreign(match[1]) and not _LINK_TAG.match(match[0]):
            yield match[1]
