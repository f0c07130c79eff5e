"""Templates compiled to Python, kept from build to build.

Before the first build Material's are compiled in a process of their own, while another loads
MkDocs: that takes as long.
"""

import re
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import jinja2

from kbgen import programs

THEME = Path(__file__).parent / "theme"
FIRST = ("main.html", "partials/languages/en.html")  # of every page
_NAMED = re.compile(r"""\{%-?\s*(?:extends|include|import|from)\s+["']([\w./-]+\.html)["']""")


def kept(cache: Path) -> jinja2.BytecodeCache:
    """Return what keeps compiled templates in the project's cache, for the software installed now.

    Jinja2 looks at nothing but their text when it takes over what it compiled before.
    """
    folder = _folder(cache)
    folder.mkdir(parents=True, exist_ok=True)
    for other in folder.parent.iterdir():
        if other != folder:
            shutil.rmtree(other, ignore_errors=True)
    return jinja2.FileSystemBytecodeCache(str(folder))


def load(env: jinja2.Environment, names: Iterable[str]) -> None:
    """Read the templates of pages, and those that they name, into `env`.

    Those that cannot be read are left to whoever uses them, and those whose names only that tells.
    """
    waiting, seen = [*FIRST, *names], set()
    while waiting:
        name = waiting.pop()
        if name in seen or not name.endswith(".html"):
            continue
        seen.add(name)
        # What cannot be read, or is no file but made by a plugin, names nothing.
        with suppress(jinja2.TemplateError, UnicodeDecodeError, OSError):
            path = env.get_template(name).filename
            waiting += _NAMED.findall(Path(path).read_text("utf-8", "replace")) if path else ()


def compile_material(cache: Path) -> None:
    """Compile Material's templates, and ours that lie over them, into the project's cache.

    What else is known of MkDocs is in `mkdocs_bridge`, which takes longer to load.
    """
    from mkdocs.theme import Theme

    theme = Theme("material")
    theme.dirs.insert(0, str(THEME))
    env = theme.get_env()
    env.bytecode_cache = kept(cache)
    load(env, theme.static_templates)


def _folder(cache: Path) -> Path:
    return cache / "templates" / programs.installed().hex()[:16]
