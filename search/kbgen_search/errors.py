"""The root of every error that kbgen raises on purpose."""

from pathlib import Path
from typing import Any


class KbError(Exception):
    """A mistake the user can mend, said in one line.

    Args:
        message: what is wrong.
        file: the file it is in, when there is one.
        line: the 1-based line in that file, when known.
        remedy: what to do about it.
    """

    exit_code = 2

    def __init__(
        self,
        message: str,
        *,
        file: str | Path | None = None,
        line: int | None = None,
        remedy: str = "",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.file = str(file) if file is not None else None
        self.line = line
        self.remedy = remedy

    def __reduce__(self) -> tuple[Any, ...]:
        """Keep file, line and remedy when the error comes from another process."""
        return _remade, (type(self), self.message, self.file, self.line, self.remedy)

    def __str__(self) -> str:
        """Return `file:line: message. remedy` with the parts that are known."""
        place = ":".join(str(part) for part in (self.file, self.line) if part is not None)
        text = ". ".join(part.rstrip(".") for part in (self.message, self.remedy) if part)
        return " ".join(f"{place}: {text}".lstrip(": ").split())


def _remade(
    kind: type[KbError], message: str, file: str | None, line: int | None, remedy: str
) -> KbError:
    return kind(message, file=file, line=line, remedy=remedy)
