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
BATCH = 8
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
    executor: Executor | None, work: Callable[[Sequence[T]], list[R]], jobs: Sequence[T]
) -> Iterator[R]:
    """Begin `work` on batches of `jobs`; return its results in the order of the jobs."""
    batches = [jobs[n : n + BATCH] for n in range(0, len(jobs), BATCH)]
    if executor is None:
        return (result for batch in batches for result in work(batch))
    futures = [executor.submit(work, batch) for batch in batches]
    return (result for future in futures for result in future.result())


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
