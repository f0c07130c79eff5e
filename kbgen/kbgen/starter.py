"""Files from templates: a whole knowledge base, an article, a path, a reply."""

import datetime
import re
import subprocess
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from string import Template

from kbgen.files import write, writing
from kbgen_search.errors import KbError

TEMPLATES = Path(__file__).parent / "starter"
FOLDERS = {"article": "", "path": "paths", "reply": "replies"}


def init(folder: Path, name: str) -> list[Path]:
    """Make a knowledge base called `name` in `folder`; return the files made.

    Raises KbError, and writes nothing, when one of them is there already; also when they cannot
    be written.
    """
    values = {"name": name, "quoted": _quoted(name), "today": _today(), "owner": owner_of(folder)}
    made = {
        folder / source.relative_to(TEMPLATES / "base"): source
        for source in sorted((TEMPLATES / "base").rglob("*"))
        if source.is_file()
    }
    made = {_unhidden(path): source for path, source in made.items()}
    for path in made:
        if path.exists():
            raise KbError("the file is there already", file=path, remedy="give an empty folder")
    for path, source in made.items():
        _write(path, source, values)
    return list(made)


def new(kind: str, title: str, docs: Path, under: str = "") -> Path:
    """Make a file of `kind` (article, path or reply) below the folder `docs`; return it.

    Its name comes from the title; it is put into `under`, or the folder usual for its kind.
    Raises KbError when it is there already, cannot be written, or would not be among the articles.
    """
    slug = slug_of(title)
    if not slug:
        raise KbError(f"no file name can be made of the title {title!r}", remedy="use letters")
    path = docs / (under or FOLDERS[kind]) / f"{slug}.md"
    if not path.resolve().is_relative_to(docs.resolve()):
        raise KbError(
            f"`{under}` is not below {docs}", remedy="name a folder of articles as `--in`"
        )
    with writing(path):
        is_there = path.exists()
    if is_there:
        raise KbError("there is such a file already", file=path, remedy="choose another title")
    values = {"title": _quoted(title), "heading": title, "today": _today(), "owner": owner_of(docs)}
    _write(path, TEMPLATES / f"{kind}.md", values)
    return path


def slug_of(title: str) -> str:
    """Return `title` as a file name: lower case, words joined by hyphens, accents dropped.

    Scripts other than Latin stay as they are.
    """
    plain = "".join(
        c for c in unicodedata.normalize("NFKD", title) if not "\u0300" <= c <= "\u036f"
    )
    return "-".join(re.findall(r"\w+", unicodedata.normalize("NFKC", plain).lower()))


def owner_of(folder: Path) -> str:
    """Return who writes here, as git knows them: the name before the @ of the address; else ""."""
    where = next((path for path in (folder, *folder.parents) if path.is_dir()), Path())
    command = ("git", "config", "user.email")
    try:
        done = subprocess.run(command, cwd=where, capture_output=True, text=True, timeout=5)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip().partition("@")[0]


def _write(path: Path, template: Path, values: Mapping[str, str]) -> None:
    text = Template(template.read_text("utf-8")).substitute(values)
    write(path, text.encode())


def _today() -> str:
    return datetime.date.today().isoformat()


def _quoted(title: str) -> str:
    return '"' + title.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _unhidden(path: Path) -> Path:
    """Return the path with `dot-` at the start of its name made a dot."""
    return (
        path.with_name(path.name.replace("dot-", ".", 1)) if path.name.startswith("dot-") else path
    )
