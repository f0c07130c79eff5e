"""Work is spread in runs that keep neighbours together and let processes end together."""

from collections.abc import Sequence
from itertools import chain, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbgen import workers
from kbgen.workers import LONGEST, SHORTEST, batches, pool, spread


@given(st.integers(0, 3000), st.integers(1, 64))
def test_batches_hold_all_jobs_in_order_and_become_shorter(count: int, processes: int) -> None:
    found = list(batches(range(count), processes))
    assert list(chain.from_iterable(found)) == list(range(count))
    sizes = [len(batch) for batch in found]
    assert all(one >= two for one, two in pairwise(sizes))
    assert all(SHORTEST <= size <= LONGEST for size in sizes[:-1])


@given(st.integers(500, 3000), st.integers(2, 16))
def test_the_last_batches_are_short_for_every_process(count: int, processes: int) -> None:
    sizes = [len(batch) for batch in batches(range(count), processes)]
    assert all(size == SHORTEST for size in sizes[-processes - 1 : -1])


def _doubled(jobs: Sequence[int]) -> list[int]:
    return [workers.BENCH.get() * job for job in jobs]


@pytest.mark.parametrize("processes", [1, 2, 3])
def test_results_come_in_the_order_of_the_jobs(processes: int) -> None:
    jobs = range(200)
    with pool(2, processes, len(jobs)) as executor:
        assert (executor is None) == (processes == 1)
        assert list(spread(executor, _doubled, jobs, processes)) == [2 * job for job in jobs]
