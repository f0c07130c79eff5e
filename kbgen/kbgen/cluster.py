"""Rendering on a cluster: a Dask scheduler's workers in place of this machine's processes."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from kbgen.loading import Loaded, discover, open_project
from kbgen.messages import collected
from kbgen.project import Wish
from kbgen.rendering import Rendered
from kbgen.workshop import Workshop
from kbgen_search.errors import KbError

PATIENCE_S = 20
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


@contextmanager
def executor(address: str) -> Iterator[tuple[Executor, int]]:
    """Give the executor of the Dask scheduler at `address`, and how many workers it has now.

    Raises KbError when Dask is not installed, or no scheduler or no worker answers there.
    """
    client = _client(address)
    try:
        yield client.get_executor(), len(client.nthreads())
    finally:
        client.close()


def _client(address: str) -> Any:
    try:
        from distributed import Client
    except ImportError as error:
        raise KbError("--scheduler needs Dask", remedy="pip install 'kbgen[dask]'") from error
    connect: Callable[..., Any] = Client
    try:
        client = connect(address, timeout=PATIENCE_S, set_as_default=False)
        client.wait_for_workers(1, timeout=PATIENCE_S)
    except (OSError, ValueError, TypeError) as error:  # how Dask says that nobody answers
        remedy = f"start `dask scheduler`, and `dask worker {address}` on each machine"
        raise KbError(f"no Dask scheduler with workers at {address}", remedy=remedy) from error
    return client


def render_batch(recipe: Recipe, jobs: Sequence[tuple[str, bytes]]) -> list[Rendered]:
    """Render pages in a worker, which must see the project's files under the same path."""
    with _ONE_AT_A_TIME:
        workshop = _workshop(recipe)
        return [workshop.render(source, key) for source, key in jobs]


@lru_cache(maxsize=1)
def _workshop(recipe: Recipe) -> Workshop:
    with collected():
        loaded = open_project(recipe.file, recipe.wish)
        if loaded.settings_hash != recipe.settings_hash:
            remedy = "install the same packages there, and share the project's folder"
            raise KbError("a Dask worker has other software or settings", remedy=remedy)
        return discover(loaded)
