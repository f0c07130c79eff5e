"""Processes that get ready to make the search indexes while another loads MkDocs.

An edit takes half of its time to load MkDocs, on one core: what the indexes need is loaded beside
it, and what they hold is sent when it is known.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import msgspec

from kbgen import lock
from kbgen.indexes import Filling, Order, Placed, packed, unpacked
from kbgen.outputs import Outputs
from kbgen.staging import Filled
from kbgen.workers import Helper, Message, begin, can_help


class Helpers(msgspec.Struct, frozen=True):
    """A process for the index of record, and one for the browser's."""

    index: Helper
    browser: Helper

    def fill(self, outputs: Outputs) -> Callable[[], list[str]]:
        """Begin to fill the new site with what is unchanged; the result waits for what is there.

        Nothing may be put into it before: a file in the filling is one of the present site.
        """
        filled = self.browser.begin(packed(Filling(outputs)))

        def wait() -> list[str]:
            found: Filled = unpacked(filled(), Filled)
            outputs.staging.believe(found.held, outputs.old)
            return found.paths

        return wait

    def begin(self, order: Order) -> tuple[Callable[[], object], Callable[[], Placed]]:
        """Begin to make both; the results wait for them."""
        message = packed(order)
        browser = self.browser.begin(message, last=True)
        index = self.index.begin(message, last=True)
        return index, lambda: unpacked(browser(), Placed)


@contextmanager
def helpers_for(file: Path, workers: int, waiting: Callable[[], None]) -> Iterator[Helpers | None]:
    """Begin both processes for a build of the project of `file`; they end with the block.

    They hold the project's lock as this process does: it is free when all of them have ended,
    however that comes about. `waiting` is called when another build has it.

    Gives None when `workers` allows but one process, and before the first build, for which all is
    made where it is known.
    """
    folder = file.parent / ".kbgen"
    # Of a folder that cannot be read, which Path.is_dir raises for, the build itself has to say so.
    if workers == 1 or not can_help() or not os.path.isdir(folder / "cache"):  # noqa: PTH112
        yield None
        return
    with lock.held(folder, waiting):
        both = Helpers(
            Helper(folder, _load_index, _index),
            Helper(folder, _load_browser, _index_for_browser),
        )
        try:
            yield both
        finally:
            both.index.dismiss()
            both.browser.dismiss()


def compile_templates(file: Path, workers: int) -> None:
    """Begin a process that compiles Material's templates for the first build of a project."""
    cache = file.parent / ".kbgen" / "cache"
    if workers != 1 and can_help() and not os.path.isdir(cache) and _names_material(file):  # noqa: PTH112
        begin(partial(_compile, cache))


def _names_material(file: Path) -> bool:
    try:
        return b"material" in file.read_bytes()
    except OSError:
        return False


def _compile(cache: Path) -> None:
    from kbgen import compiling

    compiling.compile_material(cache)


def _load_index() -> None:
    import kbgen_search.indexing  # noqa: F401


def _load_browser() -> None:
    import kbgen_search.browser_index  # noqa: F401
    from kbgen_search import delivery

    delivery.program()  # reads all of our code


def _index(order: Message) -> bytes:
    told: Order = unpacked(order, Order)
    told.search.update()
    return b""


def _index_for_browser(order: Message) -> bytes:
    told: Filling | Order = unpacked(order, Filling | Order)
    return packed(told.carry_out())
