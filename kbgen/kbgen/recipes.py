"""Rendering in a process that has nothing of this one's memory: another machine's, or a new one."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

from kbgen.loading import Loaded, discover, open_project
from kbgen.messages import collected
from kbgen.project import Wish
from kbgen.rendering import Rendered
from kbgen.workshop import Workshop
from kbgen_search.errors import KbError

Job = tuple[str, bytes]

_ONE_AT_A_TIME = threading.Lock()
"""A worker with several threads has but one workshop, which renders one page after the other."""


@dataclass(frozen=True)
class Recipe:
    """From what a worker makes a workshop like this machine's: project, settings, which build."""

    file: Path
    wish: Wish
    settings_hash: bytes
    build_ns: int

    @classmethod
    def of(cls, loaded: Loaded, build_ns: int) -> "Recipe":
        """Return the recipe of a project that is loaded."""
        return cls(loaded.file, loaded.wish, loaded.settings_hash, build_ns)


def follow(loaded: Loaded) -> Callable[[Sequence[Job]], list[Rendered]]:
    """Return the function that renders pages of a project in whatever process it is called."""
    return partial(_render_batch, Recipe.of(loaded, time.time_ns()))


def _render_batch(recipe: Recipe, jobs: Sequence[Job]) -> list[Rendered]:
    """Render pages in a worker, which must see the project's files under the same path."""
    with _ONE_AT_A_TIME:
        workshop = _workshop(recipe)
        return [workshop.render(source, key) for source, key in jobs]


@lru_cache(maxsize=1)
def _workshop(recipe: Recipe) -> Workshop:
    with collected():
        loaded = open_project(recipe.file, recipe.wish)
        if loaded.settings_hash != recipe.settings_hash:
            text = "a process that renders has other software or settings"
            remedy = "on a cluster, install the same packages and share the project's folder; "
            raise KbError(text, remedy=f"{remedy}if they have just changed, build again")
        return discover(loaded)
