"""The manifests of the simulated site's builds, with revisions and sketches of made-up texts."""

from __future__ import annotations

import base64
import random
import struct
from typing import Any

from benchmarks.feedback.parameters import Parameters
from benchmarks.feedback.site import Article, Edit, Site
from benchmarks.feedback.vocabulary import LOCALES

SKETCH = 32
"""Values of a sketch: 32-bit minima, big-endian, base64."""
KEPT_MAJOR, KEPT_MINOR = 0.45, 0.93
"""Share of a sketch's values that outlive an edit, on average."""


def manifest(site: Site, day: int, parameters: Parameters) -> dict[str, Any]:
    """Return the `kb-manifest.json` of the build of that day."""
    articles = [
        entry(article, locale, day, parameters) for article in site.articles for locale in LOCALES
    ]
    return {
        "format": 1,
        "generator": "kbgen simulated",
        "site": {
            "name": "Simulated",
            "url": "https://kb.example/",
            "locales": list(LOCALES),
            "default_locale": "en",
            "offline": False,
            "collector": None,
        },
        "articles": sorted(articles, key=lambda one: (one["id"], one["locale"])),
    }


def entry(article: Article, locale: str, day: int, parameters: Parameters) -> dict[str, Any]:
    """Return the manifest's record of one article."""
    prefix = "" if locale == "en" else f"{locale}/"
    action, thing = article.topic.action.formal[locale], article.topic.thing.formal[locale]
    return {
        "id": article.id,
        "url": f"{prefix}{article.id}/",
        "title": f"{action.capitalize()} {thing}",
        "locale": locale,
        "revision": article.revision(day),
        "words": article.words,
        "owner": article.owner,
        "source": f"docs/{article.id}.{locale}.md",
        "sketch": sketch(article, locale, day),
        "headings": [{"level": 1, "id": "", "text": f"{action} {thing}"}],
    }


def sketch(article: Article, locale: str, day: int) -> str:
    """Return the sketch of the text that day: each edit so far replaced some of its values."""
    values = draw(random.Random(f"{article.id} {locale}"), SKETCH)
    for number, edit in enumerate(article.edits):
        if edit.day <= day:
            values = edited(values, edit, random.Random(f"{article.id} {locale} {number}"))
    return base64.b64encode(struct.pack(f">{SKETCH}I", *values)).decode()


def edited(values: list[int], edit: Edit, rng: random.Random) -> list[int]:
    """Return the sketch after an edit."""
    kept = KEPT_MAJOR if edit.major else KEPT_MINOR
    fresh = draw(rng, len(values))
    return [old if rng.random() < kept else new for old, new in zip(values, fresh, strict=True)]


def draw(rng: random.Random, count: int) -> list[int]:
    """Return random 32-bit values."""
    return [rng.getrandbits(32) for _ in range(count)]
