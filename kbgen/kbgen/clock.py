"""How long something takes."""

import time


class Clock:
    """Seconds since it was made."""

    def __init__(self) -> None:
        self._start = time.perf_counter()

    @property
    def seconds(self) -> float:
        """Return the seconds passed."""
        return time.perf_counter() - self._start
