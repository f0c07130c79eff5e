"""The code that makes a site: what is installed, and what the project brings with it.

A process goes on with the code that it has loaded, whatever happens to the files meanwhile: so all
is hashed as it was when the process first asked.
"""

import sys
import sysconfig
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

from kbgen import fingerprints

PACKAGES = ("kbgen", "kbgen_search", "kbgen_feedback")
PLAIN = (str, bytes, int, float, type(None))


@cache
def installed() -> bytes:
    """Return the hash of the installed software: Python, packages by version, our own code."""
    packages = [
        sorted(path.name for path in Path(entry).glob("*.*-info"))
        for entry in sys.path
        if entry.endswith("-packages")
    ]
    suffixes = (".py", ".html", ".json", ".js", ".css")
    return fingerprints.of(sys.version, packages, fingerprints.tree(_ours(), suffixes))


@cache
def loaded(file: str) -> bytes:
    """Return the hash of a file of code, as it was when it was loaded."""
    return fingerprints.of_file(file)


def are_current(files: Iterable[str]) -> bool:
    """Tell whether files of code still are what was loaded."""
    return all(fingerprints.of_file(file) == loaded(file) for file in files)


def own(names: Iterable[str]) -> list[str]:
    """Return the files of the project's own code: what is loaded from where these modules lie.

    That holds the modules which they import. Python's modules, installed ones, and ours are left
    out: their versions tell.
    """
    found = {name: file for name, module in list(sys.modules.items()) if (file := _file(module))}
    roots = tuple({_root(name, found[name]) for name in names if name in found})
    return sorted({file for file in found.values() if file.startswith(roots)}) if roots else []


def is_installed(file: str) -> bool:
    """Tell whether a file of code is Python's, an installed package's, or ours."""
    return "-packages" in file or file.startswith((*_python(), *map(str, _ours())))


def named(settings: Any) -> Iterator[str]:
    """Yield the modules of the functions and objects among the values of `settings`."""
    if isinstance(settings, Mapping):
        settings = list(settings.values())
    if isinstance(settings, partial):
        settings = [settings.func, *settings.args, *settings.keywords.values()]
    if isinstance(settings, list | tuple | set | frozenset):
        for value in settings:
            yield from named(value)
    elif not isinstance(settings, PLAIN):
        yield str(getattr(settings, "__module__", ""))


def _file(module: ModuleType) -> str:
    """Return the file of a module that is neither Python's, nor installed, nor ours, else ""."""
    file = getattr(module, "__file__", None)
    if not isinstance(file, str) or "-packages" in file or file.startswith(_python()):
        return ""
    top = module.__name__.partition(".")[0]
    return "" if top in (*PACKAGES, "__main__") else file


def _ours() -> list[Path]:
    """Return the folders of our own packages."""
    specs = [find_spec(name) for name in PACKAGES]
    return [Path(spec.origin).parent for spec in specs if spec and spec.origin]


@cache
def _python() -> tuple[str, ...]:
    return sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")


def _root(name: str, file: str) -> str:
    """Return the folder from which a module was loaded, with the separator at its end."""
    path = Path(file)
    levels = name.count(".") + (path.stem == "__init__")
    return f"{path.parents[levels]}/"
