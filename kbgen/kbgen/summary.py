"""What a build did, for people and for programs."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

from kbgen.clock import Clock
from kbgen.messages import Message

WARNING, ERROR = 30, 40


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, as in `1 page` and `2 pages`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


class Summary(msgspec.Struct):
    """Counts and times of a build.

    `rendered` pages went through Markdown, `reused` ones came from the cache; `written` files are
    new or changed, `kept` ones stayed as they were. `seconds` are by stage, `slowest` by page.
    """

    site: str
    pages: int = 0
    rendered: int = 0
    reused: int = 0
    written: int = 0
    kept: int = 0
    size: int = 0
    careful: str = ""
    unchanged: bool = False
    seconds: dict[str, float] = msgspec.field(default_factory=dict)
    slowest: list[tuple[str, float]] = msgspec.field(default_factory=list)
    messages: list[Message] = msgspec.field(default_factory=list)
    strict: bool = False
    took: float | None = None
    _clock: Clock = msgspec.field(default_factory=Clock)

    @property
    def refused(self) -> bool:
        """Tell whether the site was not put in place because of warnings."""
        return self.strict and bool(self.warnings)

    @property
    def outcome(self) -> str:
        """Return one line on what came of the build."""
        if self.errors:
            return f"The site was not built: {counted(len(self.errors), 'mistake')} to mend."
        if self.refused:
            return f"The site was not built: {counted(len(self.warnings), 'warning')} (--strict)."
        if self.unchanged:
            return (
                f"{self.site}: nothing changed, {counted(self.pages, 'page')}; {self.total:.2f} s"
            )
        return (
            f"{self.site}: {counted(self.pages, 'page')}, {self.rendered} rendered, "
            f"{self.reused} reused; {counted(self.written, 'file')} written; {self.total:.2f} s"
        )

    @property
    def profile(self) -> str:
        """Return a table of seconds by stage, and the slowest pages."""
        stages = [f"{seconds:8.3f} s  {name}" for name, seconds in self.seconds.items()]
        pages = [f"{seconds:8.3f} s  {page}" for page, seconds in self.slowest]
        return "\n".join([*stages, *(["slowest pages:"] if pages else []), *pages])

    @property
    def warnings(self) -> list[Message]:
        """Return what the writer should look at."""
        return [message for message in self.messages if message.level >= WARNING]

    @property
    def errors(self) -> list[Message]:
        """Return the mistakes for which the site was not built."""
        return [message for message in self.messages if message.level >= ERROR]

    @property
    def total(self) -> float:
        """Return the seconds since the build began."""
        return self.took if self.took is not None else self._clock.seconds

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Note how long the block takes, as stage `name`."""
        clock = Clock()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + clock.seconds

    def as_json(self) -> dict[str, Any]:
        """Return the summary as `kbgen build --json` prints it."""
        return {
            "site": self.site,
            "pages": self.pages,
            "rendered": self.rendered,
            "reused": self.reused,
            "written": self.written,
            "kept": self.kept,
            "bytes": self.size,
            "unchanged": self.unchanged,
            "serial": self.careful or None,
            "seconds": {
                **{k: round(v, 3) for k, v in self.seconds.items()},
                "total": round(self.total, 3),
            },
            "slowest": [{"page": page, "seconds": round(s, 3)} for page, s in self.slowest],
            "messages": [
                {
                    "level": "error" if m.level >= ERROR else "warning",
                    "file": m.file or None,
                    "line": m.line or None,
                    "text": m.text,
                }
                for m in self.warnings
            ],
        }
