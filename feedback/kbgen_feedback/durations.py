"""How long something took, over and over: a histogram as Prometheus wants it."""

from collections.abc import Iterator

UP_TO_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Durations:
    """Counts by upper bounds in seconds, and their sum."""

    def __init__(self) -> None:
        self.counts = [0] * (len(UP_TO_S) + 1)
        self.total = 0.0

    def add(self, seconds: float) -> None:
        """Note one."""
        place = next((i for i, bound in enumerate(UP_TO_S) if seconds <= bound), len(UP_TO_S))
        self.counts[place] += 1
        self.total += seconds

    def cumulative(self) -> Iterator[tuple[str, int]]:
        """Give each bound and how many took no longer."""
        so_far = 0
        for bound, n in zip([*UP_TO_S, float("inf")], self.counts, strict=True):
            so_far += n
            yield "+Inf" if bound == float("inf") else f"{bound:g}", so_far
