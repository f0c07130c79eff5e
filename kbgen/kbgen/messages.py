"""What a build has to say to the writer: level, text and the place it is about."""

import logging
import posixpath
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches

import msgspec

LOG = logging.getLogger("mkdocs.plugins.kbgen")


class Message(msgspec.Struct, frozen=True):
    """One line for the writer.

    `file` is relative to the project's root, `line` counts from 1; both are empty when unknown.
    """

    level: int
    text: str
    file: str = ""
    line: int = 0

    @property
    def label(self) -> str:
        """Return the word for its level."""
        return {logging.WARNING: "warning", logging.INFO: "note"}.get(self.level, "error")

    def __str__(self) -> str:
        """Return `file:line: text` with the parts that are known, on one line."""
        place = ":".join(part for part in (self.file, str(self.line or "")) if part)
        return " ".join(f"{place}: {self.text}".lstrip(": ").split())


def annotation(message: Message, folder: str) -> str:
    """Return the command by which GitHub shows a message beside the line that it is about.

    `folder` is the way from the repository's root to the project's.
    """
    kind = {"note": "notice"}.get(message.label, message.label)
    text = _escaped(str(msgspec.structs.replace(message, file="", line=0)))
    if not message.file:
        return f"::{kind}::{text}"
    file = _escaped(posixpath.normpath(posixpath.join(folder, message.file)), ":,")
    return f"::{kind} file={file},line={message.line or 1}::{text}"


def _escaped(text: str, more: str = "") -> str:
    """Return a text with the characters that would end it, or a part of it, as `%` and digits."""
    return "".join(f"%{ord(sign):02X}" if sign in f"%\r\n{more}" else sign for sign in text)


def meant(name: str, known: Iterable[str], otherwise: str, likeness: float = 0.6) -> str:
    """Return the remedy for a name that is none: the known one most like it, else another."""
    near = get_close_matches(name, list(known), 1, likeness)
    return f"did you mean `{near[0]}`?" if near else otherwise


def warn(text: str, file: str = "", line: int = 0) -> None:
    """Report something that is probably not what the writer meant; `--strict` fails on it."""
    LOG.warning(Message(logging.WARNING, text, file, line))


def fail(text: str, file: str = "", line: int = 0) -> None:
    """Report a mistake that no site can be made of; the build ends when all pages are read."""
    LOG.error(Message(logging.ERROR, text, file, line))


def inform(text: str) -> None:
    """Say what was done that the writer may not expect."""
    LOG.info(Message(logging.INFO, text))


def replay(messages: Iterable[Message]) -> None:
    """Log messages again that a cached result or another process brought along."""
    for message in messages:
        LOG.log(message.level, message)


class Collector(logging.Handler):
    """A handler that keeps records as messages instead of printing them."""

    def __init__(self, level: int = logging.INFO) -> None:
        super().__init__(level)
        self.messages: list[Message] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep `record`; a warning that does not carry a message becomes one without a place."""
        if isinstance(record.msg, Message):
            self.messages.append(record.msg)
        elif record.levelno >= logging.WARNING:
            self.messages.append(Message(record.levelno, record.getMessage()))


@contextmanager
def collected() -> Iterator[list[Message]]:
    """Collect everything that MkDocs and its plugins log inside the block; print none of it."""
    logger = logging.getLogger("mkdocs")
    collector, level, handlers, propagate = (
        Collector(),
        logger.level,
        logger.handlers,
        logger.propagate,
    )
    logger.handlers, logger.propagate = [collector], False
    logger.setLevel(logging.INFO)
    try:
        yield collector.messages
    finally:
        logger.handlers, logger.propagate = handlers, propagate
        logger.setLevel(level)
