"""Bodies for load: batches of valid events with ids of their own, made cheaply."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

ARTICLES = 400


class Maker:
    """Makes request bodies; the ids count up from a random start, so that none comes twice."""

    def __init__(self, size: int, seed: int) -> None:
        self.size = size
        self.rng = random.Random(seed)
        self.ids = itertools.count(self.rng.getrandbits(120))

    def __call__(self) -> tuple[bytes, list[str]]:
        """Return a body of `size` events and their ids."""
        ids = [identifier(next(self.ids)) for _ in range(self.size)]
        return ("[" + ",".join(self.events(ids)) + "]").encode(), ids

    def events(self, ids: list[str]) -> Iterator[str]:
        """Yield the events of one visit as JSON: mostly views, some searches, few votes."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        visit = f"{self.rng.getrandbits(64):016x}"
        for one in ids:
            start = f'{{"id":"{one}","at":"{now}","locale":"en","visit":"{visit}",'
            yield start + self.rest()

    def rest(self) -> str:
        """Return the end of an event, by type."""
        draw, page = self.rng.random(), f"guide/article-{self.rng.randrange(ARTICLES)}"
        if draw < 0.7:
            dwell = self.rng.randrange(2000, 90_000)
            return (
                f'"type":"view","page":"{page}","revision":"9f2c00aa11bb",'
                f'"from":"search","dwell_ms":{dwell}}}'
            )
        if draw < 0.98:
            shown = json.dumps([f"guide/article-{self.rng.randrange(ARTICLES)}" for _ in range(9)])
            return (
                f'"type":"search","q":"change my plan {self.rng.randrange(50)}","results":9,'
                f'"shown":{shown},"clicked":[{{"page":"{page}","rank":2}}],"settled_by":"click"}}'
            )
        return f'"type":"vote","page":"{page}","revision":"9f2c00aa11bb","value":"yes"}}'


def identifier(number: int) -> str:
    """Return the UUID of a number."""
    return str(UUID(int=number % (1 << 128)))
