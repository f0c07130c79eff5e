"""Texts of the reader's interface: one JSON file a locale, English where one is missing."""

import json
from functools import cache
from pathlib import Path

FALLBACK = "en"


@cache
def locales(folder: Path) -> tuple[str, ...]:
    """Return the locales that have a file in `folder`, sorted."""
    return tuple(sorted(file.stem for file in folder.glob("*.json")))


def strings(folder: Path, locale: str) -> dict[str, str]:
    """Return the texts for `locale`: its own file, else its language's, else English."""
    return dict(_read(folder / f"{_best(folder, locale)}.json"))


def _best(folder: Path, locale: str) -> str:
    known = locales(folder)
    wanted = locale.replace("_", "-")
    return next(
        (name for name in (wanted, wanted.split("-")[0].lower()) if name in known), FALLBACK
    )


@cache
def _read(file: Path) -> dict[str, str]:
    texts: dict[str, str] = json.loads(file.read_text("utf-8"))
    return texts
