"""Articles moved to another place: links and navigation follow, and so do votes, by the id."""

import json
import os
import re
from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path
from posixpath import dirname, join, normpath, relpath
from typing import NamedTuple
from urllib.parse import quote, unquote

from kbgen import frontmatter
from kbgen.articles import id_of
from kbgen.files import content, write, writing
from kbgen.summary import counted
from kbgen_search.errors import KbError

ARTICLES = (".md", ".markdown", ".mdown", ".mkdn", ".mkd")
_CODE = re.compile(
    r"^[ \t>]*(?P<marks>`{3,}|~{3,}).*?(?:^[ \t>]*(?P=marks)|\Z)"
    r"|(?<!`)(?P<ticks>`+)(?!`)(?:(?!\n[ \t]*\n).)+?(?<!`)(?P=ticks)(?!`)",
    re.MULTILINE | re.DOTALL,
)
_LINK = re.compile(
    r"(\]\([ \t]*<|^ {0,3}\[[^\]\n]+\]:[ \t]*<)([^>#?\n]+)"
    r"|(\]\([ \t]*|^ {0,3}\[[^\]\n]+\]:[ \t]*)([^\s<>()#?]+)",
    re.MULTILINE,
)
_NEEDS_QUOTES = re.compile(r"[\s()<>]")
_BOM = "\ufeff"
_PART_OF_PATH = r"[\w./\-]"
_I18N = re.compile(r"^[ \t]*-[ \t]*[\"']?i18n\b", re.MULTILINE)
Moved = Mapping[str, str]
"""Files by where they were, with where they go; both from the docs folder, parted by `/`."""


class Change(NamedTuple):
    """What a file will hold, and how many links in it lead elsewhere than they did."""

    text: str
    links: int


class Project(NamedTuple):
    """A project as it lies on the disk: its settings, and the names of the files in its docs."""

    config: Path
    docs: Path
    files: frozenset[str]

    @classmethod
    def of(cls, config: Path, docs: Path) -> "Project":
        """Return the project with all files that are there now."""
        found = (path for path in docs.rglob("*") if path.is_file())
        return cls(config, docs, frozenset(path.relative_to(docs).as_posix() for path in found))


def move(project: Project, old: str, new: str) -> list[str]:
    """Move the article or folder `old` to `new`; each counts from this folder, or from the docs.

    Returns a line for each file that was moved or changed.

    Raises:
        KbError: there is nothing to move, something is in the way, or an article would lose the id
            by which its votes are known; then nothing has been changed.
    """
    moved = _moved(project, *_places(project.docs, old, new))
    config = _text(project.config)
    changes = _changes(project, moved, shared=bool(_I18N.search(config)))
    settings = _renamed(config, moved)
    for was, goes in moved.items():
        known = changes.get(was)
        write(project.docs / goes, _bytes(known.text) if known else content(project.docs / was))
    for name, change in changes.items():
        if change.links and name not in moved:
            write(project.docs / name, _bytes(change.text))
    if settings.links:
        write(project.config, _bytes(settings.text))
    _remove(project.docs, moved)
    return [
        *(f"moved {was} to {goes}" for was, goes in moved.items()),
        *(_told(moved.get(name, name), change) for name, change in changes.items() if change.links),
        *([_told(project.config.name, settings)] if settings.links else []),
    ]


def _told(name: str, change: Change) -> str:
    return f"changed {name}: {counted(change.links, 'link')}"


def _places(docs: Path, old: str, new: str) -> tuple[str, str]:
    """Return both places from the docs folder; a `/` at the end of the new one stays."""
    # What `os.path` tells is no, not an error, of names that are too long.
    there = os.path.exists(old) and _is_below(Path(old), docs)  # noqa: PTH110
    base = Path.cwd() if there else docs
    source, goal = base / old, base / new
    for given, path in ((old, source), (new, goal)):
        if not _is_below(path, docs):
            raise KbError(f"`{given}` is not below {docs}", remedy="articles stay in that folder")
    if not os.path.exists(source):  # noqa: PTH110
        raise KbError("there is no such file or folder", file=source, remedy="name an article")
    into = os.path.isdir(goal) or new.endswith("/")  # noqa: PTH112
    goal = goal / source.name if into else goal
    if source.is_file() and goal.suffix != source.suffix:
        goal = goal.with_name(goal.name + source.suffix)
    return _name(source, docs), _name(goal, docs)


def _is_below(path: Path, folder: Path) -> bool:
    return not _name(path, folder).startswith(".")


def _name(path: Path, folder: Path) -> str:
    """Return the way from a folder to a path; links among folders are not followed."""
    return Path(os.path.relpath(path, folder)).as_posix()


def _moved(project: Project, old: str, new: str) -> Moved:
    """Return all files that are moved, when nothing is in the way."""
    found = [name for name in sorted(project.files) if name == old or name.startswith(f"{old}/")]
    moved = {name: new + name.removeprefix(old) for name in found}
    if not moved:
        raise KbError("there is nothing in it", file=project.docs / old, remedy="remove it")
    for was, goes in moved.items():
        source, goal = project.docs / was, project.docs / goes
        if source.is_symlink():
            raise KbError("it is a link", file=source, remedy="move what it leads to")
        if os.path.lexists(goal):
            raise KbError("there is such a file already", file=goal, remedy="name another place")
    if new.startswith(f"{old}/"):
        raise KbError(f"`{new}` is inside of `{old}`", remedy="name another place")
    return moved


def _changes(project: Project, moved: Moved, *, shared: bool) -> dict[str, Change]:
    """Return what each article will hold; where ids are `shared`, those moved must declare them."""
    changes = {}
    for name in sorted(name for name in project.files if name.endswith(ARTICLES)):
        text = _text(project.docs / name)
        if name in moved:
            text = _with_id(text, project.docs / name, id_of(name), id_of(moved[name]), shared)
        changes[name] = relinked(text, name, moved, project.files)
    return changes


def _with_id(text: str, file: Path, was: str, goes: str, shared: bool) -> str:
    """Return the text with the id that it had by its place, unless it keeps that or declares one.

    Where translations share ids (`shared`), the place alone does not tell it.
    """
    bare = text.removeprefix(_BOM)
    plain = bare.replace("\r\n", "\n")
    if was == goes or frontmatter.read(plain).get("id"):
        return text
    if shared:
        raise KbError(
            "its votes are known by an id that comes from its place, and translations share it",
            file=file,
            remedy="declare the `id` that kb-manifest.json has for it in its front matter first",
        )
    end = "\r\n" if "\r\n" in bare else "\n"
    field = f"id: {json.dumps(was, ensure_ascii=False)}{end}"
    mark = text[: len(text) - len(bare)]
    if frontmatter.BLOCK.match(plain):
        first, _, rest = bare.partition("\n")
        return f"{mark}{first}\n{field}{rest}"
    return f"{mark}---{end}{field}---{end}{end}{bare}"


def relinked(text: str, here: str, moved: Moved, files: Collection[str]) -> Change:
    """Return the text of the article `here` with its links to where their targets will be."""
    code = [found.span() for found in _CODE.finditer(text)]
    there, count = moved.get(here, here), 0

    def put(found: re.Match[str]) -> str:
        nonlocal count
        lead, address = found[1] or found[3], found[2] or found[4]
        if any(start <= found.start() < end for start, end in code):
            return found[0]
        new = _readdressed(address, here, there, moved, files)
        count += new != address
        return f"{lead}{new}"

    return Change(_LINK.sub(put, text), count)


def _readdressed(address: str, here: str, there: str, moved: Moved, files: Collection[str]) -> str:
    """Return a link's address as it has to be in `there`; only those of files are changed."""
    target = normpath(join(dirname(here), unquote(address)))
    if address.startswith("/") or target not in files:
        return address
    new = relpath(moved.get(target, target), dirname(there) or ".")
    if new == normpath(unquote(address)):
        return address
    return quote(new) if "%" in address or _NEEDS_QUOTES.search(new) else new


def _renamed(text: str, moved: Moved) -> Change:
    """Return the settings with the new names of moved files, in the navigation above all."""
    names = "|".join(map(re.escape, sorted(moved, key=len, reverse=True)))
    pattern = rf"(?<!{_PART_OF_PATH})(?:{names})(?!{_PART_OF_PATH})"
    return Change(*re.subn(pattern, lambda found: moved[found[0]], text))


def _remove(docs: Path, moved: Moved) -> None:
    """Remove what has been moved, and folders that are empty then."""
    for was in moved:
        path = docs / was
        with writing(path):
            path.unlink()
        for folder in path.relative_to(docs).parents[:-1]:
            with suppress(OSError):  # it holds something else
                (docs / folder).rmdir()


def _text(file: Path) -> str:
    """Return a file's text; bytes that are not UTF-8 stay as they are."""
    return content(file).decode("utf-8", "surrogateescape")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
