"""Processes that are of no use without the one that began them."""

import multiprocessing
import os
import threading


def end_with_parent() -> None:
    """Let this process end when its parent has gone, however that came about.

    The workers of a pool whose parent was killed would wait for work for ever, with the locks that
    they have inherited.
    """
    threading.Thread(target=_wait_and_end, daemon=True).start()


def _wait_and_end() -> None:
    if parent := multiprocessing.parent_process():
        parent.join()
        os._exit(1)
