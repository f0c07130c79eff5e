"""Addresses that lead to no file of the built site, and which file may have been meant."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator
from difflib import get_close_matches
from html import unescape
from pathlib import Path
from posixpath import basename, dirname, join, normpath, relpath, splitext
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from kbgen_search.spelling import distance

_ADDRESS = re.compile(
    r"<(?:a|audio|embed|iframe|img|link|script|source|video)\b[^>]*?\s(?:src|href)=\"([^\"]+)\""
)
SLIPS = 2  # edits that make of a file's name what may be a misspelling of it
LETTERS = 3  # of a name for each of these edits: short names have others by chance
_NOT_FOUND = re.compile(r"link '(?P<address>[^']+)', but the target .*is not found among doc")


class Dead(NamedTuple):
    """An address as it stands in a page, without its query and anchor, and the file that it would
    lead to, by its way from the site's root.
    """

    address: str
    path: str


def dead(html: str, url: str, site: Path) -> Iterator[Dead]:
    """Yield each relative address in the `html` of a page at `url` that leads to no file of `site`.

    What leads out of the site may well be there.
    """
    for address in dict.fromkeys(unescape(found) for found in _ADDRESS.findall(html)):
        relative = _relative(address)
        path = normpath(join(_folder(url), unquote(relative)))
        if relative and not path.startswith("..") and not _is_there(site / path):
            yield Dead(relative, path)


def _relative(address: str) -> str:
    """Return the path of an address that counts from the page's own, "" for others."""
    try:
        parts = urlsplit(address)
    except ValueError:  # such as http://[
        return ""
    return "" if parts.scheme or parts.netloc or parts.path.startswith("/") else parts.path


def _folder(url: str) -> str:
    """Return the folder from which addresses count in the page at `url`."""
    return url if url.endswith("/") else dirname(url)


def _is_there(file: Path) -> bool:
    try:
        return file.is_file() or (file / "index.html").is_file()
    except OSError:  # a name that no file may have
        return False


def in_html(one: Dead, url: str, source: str, files: Collection[str]) -> str:
    """Return what is wrong with a dead address in the HTML of the page at `url`, and what to do.

    `files` are those of the docs folder, `source` is the one that the page is made of.
    """
    meant = normpath(join(dirname(source), unquote(one.address)))
    if meant in files and not meant.endswith(".md"):
        right = relpath(meant, _folder(url) or ".")
        remedy = f"write `{right}`, since in HTML addresses count from the page's own"
    else:
        remedy = "correct it, or add what it leads to; links to articles are written in Markdown"
    return f"`{one.address}` leads to {one.path}, which is not in the site; {remedy}"


def with_meant(text: str, source: str, files: Collection[str]) -> str:
    """Return the text of a finding, of a link without target with the file that may be meant.

    `files` are those of the docs folder, `source` is the one that the link is in.
    """
    found = _NOT_FOUND.search(text)
    path = normpath(join(dirname(source), unquote(found["address"]))) if found else ""
    meant = _nearest(path.partition("#")[0], files) if path else ""
    return f"{text}; did you mean `{relpath(meant, dirname(source) or '.')}`?" if meant else text


def _nearest(path: str, files: Collection[str]) -> str:
    """Return the file of that name or of one misspelled by it, in the folder most alike."""
    name, away = basename(path), defaultdict[int, list[str]](list)
    most = min(SLIPS, len(splitext(name)[0]) // LETTERS)
    for file in files:
        away[distance(name, basename(file), most)].append(file)
    nearest = min(away, default=0)
    meant = away[nearest] if nearest <= most else []
    return next(iter(get_close_matches(path, meant, 1, 0.0)), "")
