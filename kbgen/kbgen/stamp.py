"""Has anything changed since the last build? Answered without loading MkDocs.

A stamp holds the state of all that a build reads and writes: settings, sources, templates, files
that pages include, installed software, the site itself. When all are as they were, so is the site.
"""

import datetime
import json
import os
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from kbgen import fingerprints, programs
from kbgen.clock import Clock
from kbgen.messages import Message
from kbgen.project import SEARCH_TESTS, SYNONYMS, Places, Wish
from kbgen.summary import Summary
from kbgen.tracing import Seen

NAME = "stamp.json"
RACY_NS = 50_000_000
_INHERIT = re.compile(r"^INHERIT:\s*[\"']?([^\"'#\n]+)", re.MULTILINE)


@dataclass
class Sources:
    """What a build reads: settings files, whole folders, single files; paths it `asked` about."""

    settings: list[str]
    folders: list[str]
    files: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def state(self) -> tuple[str, int]:
        """Return the hash of their state, and when the latest of them was changed, in ns."""
        texts = [Path(path).read_bytes() for path in self.settings if Path(path).is_file()]
        found = fingerprints.tree(map(Path, self.folders))
        found += [(path, fingerprints.stat_of(path)) for path in self.files]
        latest = max((stat[2] for _, stat in found if stat), default=0)
        answers = list(map(fingerprints.of_answer, self.asked))
        return fingerprints.of(texts, found, answers, _circumstances(texts)).hex(), latest


def sources_of(file: Path, folders: Iterable[Path]) -> Sources:
    """Return the sources of the project of `file`, with the settings files it inherits from."""
    chain: list[str] = []
    current: Path | None = file
    while current and current.is_file() and str(current) not in chain:
        chain.append(str(current))
        parent = _INHERIT.search(current.read_text("utf-8", "replace"))
        current = (current.parent / parent[1].strip()).resolve() if parent else None
    beside = [str(file.parent / name) for name in (SYNONYMS, SEARCH_TESTS)]
    return Sources(chain, [str(folder) for folder in folders], beside)


@dataclass(frozen=True)
class Begun:
    """A build that has begun: what it reads, in which state, and when that was looked at."""

    sources: Sources
    state: str
    at_ns: int

    @classmethod
    def of(cls, sources: Sources, at_ns: int) -> "Begun":
        """Look at `sources` before pages are read; `at_ns` is before the settings were."""
        return cls(sources, sources.state()[0], at_ns)


def store(places: Places, wish: Wish, begun: Begun, seen: Seen, summary: Summary) -> None:
    """Keep a stamp of a build that has ended, and has read what was `seen` besides its sources."""
    file = places.cache / NAME
    file.unlink(missing_ok=True)
    sources = replace(
        begun.sources,
        files=begun.sources.files + places.foreign(seen.files | seen.folders),
        asked=places.foreign(seen.unread),
    )
    state, latest = sources.state()
    if begun.sources.state()[0] != begun.state or latest > begun.at_ns - RACY_NS:
        return  # something was changed meanwhile, or so lately that it may have been
    stamp = {
        "wish": asdict(wish),
        "sources": asdict(sources),
        "state": state,
        "made": made(places),
        "site": str(places.site),
        "pages": summary.pages,
        "messages": [asdict(message) for message in summary.messages],
    }
    file.write_text(json.dumps(stamp), "utf-8")


def unchanged(file: Path, wish: Wish) -> Summary | None:
    """Return the summary of a build that has nothing to do; None when there is something."""
    clock = Clock()
    stamp = _read(file.parent / ".kbgen" / "cache" / NAME)
    if not stamp or stamp["wish"] != json.loads(json.dumps(asdict(wish))):
        return None
    if stamp["sources"]["settings"][:1] != [str(file)]:
        return None
    places = Places(file.parent, Path(stamp["site"]))
    if Sources(**stamp["sources"]).state()[0] != stamp["state"] or made(places) != stamp["made"]:
        return None
    messages = [Message(**message) for message in stamp["messages"]]
    pages = stamp["pages"]
    seconds = {"compare": clock.seconds}
    return Summary(
        stamp["site"],
        pages,
        reused=pages,
        unchanged=True,
        messages=messages,
        seconds=seconds,
        strict=bool(wish.strict),
        took=clock.seconds,
    )


def made(places: Places) -> str:
    """Return the hash of the state of what builds make: the site and the index of record."""
    return fingerprints.of(fingerprints.tree([places.site, places.index])).hex()


def _circumstances(texts: list[bytes]) -> list[Any]:
    """Return what else shapes a site: software, the date, variables that settings may name."""
    environment = dict(os.environ) if any(b"!ENV" in text for text in texts) else {}
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    return [programs.installed(), today, epoch, environment]


def _read(file: Path) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return None
    return found
