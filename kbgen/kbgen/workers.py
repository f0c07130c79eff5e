"""Work spread over processes, through `concurrent.futures.Executor`."""

import gc
import mmap
import multiprocessing
import os
import signal
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from kbgen_search.orphans import end_with_parent

if TYPE_CHECKING:
    from concurrent.futures import Executor
    from multiprocessing.connection import Connection

T = TypeVar("T")
R = TypeVar("R")
Message = bytes | mmap.mmap
Work = Callable[[Message], bytes]

WORTH_A_POOL = 24
WORTH_NEW_PROCESSES = 150  # which load all that they need first
SHORTEST, LONGEST = 8, 80  # batches; what is in progress is seen after each
BENCH: ContextVar[Any] = ContextVar("bench")
"""What the work of this process is done with; forked processes have it without any sending."""


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def pool(bench: Any, workers: int, jobs: int) -> "Iterator[Executor | None]":
    """Give an executor of forked processes, or None when `jobs` are done sooner without one.

    `bench` is what the work is done with, here and in every process.
    """
    with at_bench(bench):
        if workers < 2 or not is_much(jobs) or not _can_fork():
            yield None
        else:
            with _forked(workers, bench) as executor:
                yield executor


@contextmanager
def at_bench(bench: Any) -> Iterator[None]:
    """Have the work of this process done with `bench` inside the block."""
    token = BENCH.set(bench)
    try:
        yield
    finally:
        BENCH.reset(token)


@contextmanager
def begun_anew(workers: int, jobs: int) -> "Iterator[Executor | None]":
    """Give an executor of processes that have nothing of this one, or None when `jobs` are done
    sooner without one.
    """
    if workers < 2 or jobs < WORTH_NEW_PROCESSES:
        yield None
        return
    from concurrent.futures import ProcessPoolExecutor

    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, _begin_anew) as executor:
        yield executor


def is_much(jobs: int) -> bool:
    """Tell whether so many jobs are done sooner by several processes."""
    return jobs >= WORTH_A_POOL


def spread(
    executor: "Executor | None",
    work: Callable[[Sequence[T]], list[R]],
    jobs: Sequence[T],
    workers: int,
) -> Iterator[R]:
    """Begin `work` on batches of `jobs`; return its results in the order of the jobs."""
    if executor is None:
        return (result for job in jobs for result in work([job]))
    futures = [executor.submit(work, batch) for batch in batches(jobs, workers)]
    return (result for future in futures for result in future.result())


def batches(jobs: Sequence[T], workers: int) -> Iterator[Sequence[T]]:
    """Yield runs of `jobs`, long ones first.

    Neighbours have words, code and templates in common, with which a process is quick once it has
    met them; short runs at the end let all processes end at the same time (guided self-scheduling:
    Polychronopoulos and Kuck 1987, IEEE Trans. Comput. 36:1425-1439).
    """
    at = 0
    while at < len(jobs):
        size = min(max((len(jobs) - at) // (2 * workers), SHORTEST), LONGEST)
        yield jobs[at : at + size]
        at += size


def once(executor: "Executor | None", work: Callable[[], R]) -> Callable[[], R]:
    """Begin `work` beside other work, if there are processes for it; the result waits for it."""
    return work if executor is None else executor.submit(work).result


def begin(work: Callable[[], None]) -> None:
    """Begin a process that does `work`, for which nobody waits: others do what it leaves undone."""
    context = multiprocessing.get_context("fork")
    context.Process(target=_do_quietly, args=(work,), daemon=True).start()


class Helper:
    """A process begun before there is work for it, to load what it will need in the meantime.

    It carries out one order after the other; each answer must be waited for before the next.
    Orders lie in a nameless file in `folder`: they may be much larger than what a pipe holds.
    """

    def __init__(self, folder: Path, load: Callable[[], None], work: Work) -> None:
        context = multiprocessing.get_context("fork")
        self._work = work
        self._orders = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  `dismiss` closes it
        self._pipe, theirs = context.Pipe()
        help_out = partial(_help, self._pipe, theirs, self._orders.fileno(), load, work)
        self._process = context.Process(target=help_out, daemon=True)
        self._process.start()
        theirs.close()

    def begin(self, order: bytes, *, last: bool = False) -> Callable[[], bytes]:
        """Have an order carried out; the result waits for what comes of it.

        After the last one the process ends, which takes a while, beside what else there is to do.
        """
        self._orders.seek(0)
        self._orders.write(order)
        self._orders.flush()
        with suppress(OSError):  # it has gone, which shows where its answer is waited for
            self._pipe.send((len(order), last))
        return partial(self._answer, order)

    def _answer(self, order: bytes) -> bytes:
        try:
            answer = self._pipe.recv()
        except (EOFError, OSError):  # somebody has ended it
            return self._work(order)
        if isinstance(answer, BaseException):
            raise answer
        return bytes(answer)

    def dismiss(self) -> None:
        """End the process: nobody waits for an answer any more."""
        self._process.terminate()
        self._process.join()
        self._pipe.close()
        with suppress(OSError):  # no room for an order: who gave it knows
            self._orders.close()


def can_help() -> bool:
    """Tell whether processes can be begun early, and have a core to themselves."""
    return _can_fork() and cores() > 1


def _do_quietly(work: Callable[[], None]) -> None:
    _begin(None)
    with suppress(Exception, KeyboardInterrupt):
        work()


def _help(
    ours: "Connection",
    pipe: "Connection",
    orders: int,
    load: Callable[[], None],
    work: Work,
) -> None:
    ours.close()
    _begin(None)
    with suppress(EOFError, KeyboardInterrupt):
        load()
        last = False
        while not last:
            size, last = pipe.recv()
            pipe.send(_outcome(work, mmap.mmap(orders, size, access=mmap.ACCESS_READ)))


def _outcome(work: Work, order: Message) -> bytes | Exception:
    try:
        return work(order)
    except Exception as error:
        return error


@contextmanager
def _forked(workers: int, bench: Any) -> "Iterator[Executor]":
    from concurrent.futures import ProcessPoolExecutor

    gc.freeze()  # keeps the collector from touching, and so copying, the memory that is shared
    context = multiprocessing.get_context("fork")
    try:
        with ProcessPoolExecutor(workers, context, _begin, (bench,)) as executor:
            yield executor
    finally:
        gc.unfreeze()


def _begin(bench: Any) -> None:
    BENCH.set(bench)
    gc.disable()
    end_with_parent()


def _begin_anew() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # meant for the parent, which ends this one
    _begin(None)


def _can_fork() -> bool:
    return "fork" in multiprocessing.get_all_start_methods()
