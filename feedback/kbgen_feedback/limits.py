"""How much one reader or address may send; kept in memory, bounded, by monotonic time."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Rate:
    """A bucket that holds `burst` and fills at `per_second`."""

    per_second: float
    burst: float


def per_minute(n: float) -> Rate:
    """Return the rate of `n` a minute."""
    return Rate(n / 60, n)


def per_day(n: float) -> Rate:
    """Return the rate of `n` a day."""
    return Rate(n / 86400, n)


class Buckets:
    """Token buckets by key; the least recently used are forgotten beyond `most`."""

    def __init__(
        self, rate: Rate, most: int = 50_000, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.rate = rate
        self.most = most
        self.clock = clock
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str) -> bool:
        """Take one from the key's bucket; False when it is empty."""
        now = self.clock()
        level, seen = self._levels.pop(key, (self.rate.burst, now))
        level = min(self.rate.burst, level + (now - seen) * self.rate.per_second)
        allowed = level >= 1
        self._levels[key] = (level - 1 if allowed else level, now)
        if len(self._levels) > self.most:
            self._levels.popitem(last=False)
        return allowed

    def give_back(self, key: str) -> None:
        """Put one back that was taken without need."""
        level, seen = self._levels[key]
        self._levels[key] = (min(self.rate.burst, level + 1), seen)

    def forget(self) -> None:
        """Forget every key."""
        self._levels.clear()
