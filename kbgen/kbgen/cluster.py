"""Rendering on a cluster: a Dask scheduler's workers in place of this machine's processes."""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import Any

from kbgen_search.errors import KbError

PATIENCE_S = 20


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
