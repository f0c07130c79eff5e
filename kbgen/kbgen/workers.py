"""Work spread over processes, through `concurrent.futures.Executor`."""

import gc
import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from kbgen_search.orphans import end_with_parent

T = TypeVar("T")
R = TypeVar("R")

WORTH_A_POOL = 24
SHORTEST, LONGEST = 8, 80  # batches; what is in progress is seen after each
BENCH: ContextVar[Any] = ContextVar("bench")
"""What the work of this process is done with; forked processes have it without any sending."""


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def pool(bench: Any, workers: int, jobs: int) -> Iterator[Executor | None]:
    """Give an executor of forked processes, or None when `jobs` are done sooner without one.

    `bench` is what the work is done with, here and in every process.
    """
    token = BENCH.set(bench)
    try:
        if workers < 2 or not is_much(jobs) or not _can_fork():
            yield None
        else:
            with _forked(workers, bench) as executor:
                yield executor
    finally:
        BENCH.reset(token)


def is_much(jobs: int) -> bool:
    """Tell whether so many jobs are done sooner by several processes."""
    return jobs >= WORTH_A_POOL


def spread(
    executor: Executor | None,
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

    Neighbours have words and templates in common, with which a process is quick once it has met
    them; short runs at the end let all processes end at the same time (guided self-scheduling:
    Polychronopoulos and Kuck 1987, IEEE Trans. Comput. 36:1425-1439).
    """
    at = 0
    while at < len(jobs):
        size = min(max((len(jobs) - at) // (2 * workers), SHORTEST), LONGEST)
        yield jobs[at : at + size]
        at += size


def once(executor: Executor | None, work: Callable[[], R]) -> Callable[[], R]:
    """Begin `work` beside other work, if there are processes for it; the result waits for it."""
    return work if executor is None else executor.submit(work).result


@contextmanager
def _forked(workers: int, bench: Any) -> Iterator[Executor]:
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


def _can_fork() -> bool:
    return "fork" in multiprocessing.get_all_start_methods()
