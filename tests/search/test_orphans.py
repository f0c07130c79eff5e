"""Workers of a pool end with the process that began them."""

import subprocess
import sys

import psutil

POOL = """
import multiprocessing, os, time
from concurrent.futures import ProcessPoolExecutor
from kbgen_search.orphans import end_with_parent

if __name__ == "__main__":
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context, initializer=end_with_parent) as pool:
        print(pool.submit(os.getpid).result(), flush=True)
        time.sleep(600)
"""


def test_a_worker_whose_parent_is_killed_ends() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", POOL], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout
        worker = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    assert psutil.wait_procs([worker], timeout=20)[1] == []
