"""Blocks of code, coloured once: what Pygments made of one is remembered, by all it was made from.

Translations of an article have their code in common, and an edited article most of it with what it
was; to load Pygments' rules for a language alone takes longer than all else of an edited page.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from inspect import signature
from typing import Any

from kbgen import fingerprints

MOST = 4096  # blocks in memory
TEXTS = 2  # first arguments: the code, and the name of its language
Make = Callable[..., Any]


class Blocks:
    """Coloured blocks by the hash of all they were made from: those met, and those kept before."""

    def __init__(
        self, settings: bytes, kept: Callable[[bytes], str | None] = lambda key: None
    ) -> None:
        self._settings = settings
        self._kept = kept
        self._met: dict[bytes, str] = {}
        self._new: dict[bytes, str] = {}

    def colored(self, make: Make, highlighter: Any, *args: Any, **options: Any) -> Any:
        """Return what `make` returns for these, a method of pymdownx' class `Highlight`."""
        if len(args) < TEXTS or not _is_text(highlighter):
            return make(highlighter, *args, **options)
        key = fingerprints.of(self._settings, *_made_from(highlighter, args, options))
        found = self._met.get(key) or self._kept(key)
        if found is None:
            found = make(highlighter, *args, **options)
            if not isinstance(found, str) or not _is_of_pygments(highlighter, args):
                return found  # an element, of code within a line; or who knows what it looked at
            self._new[key] = found
        self._remember(key, found)
        return found

    def taken(self) -> dict[bytes, str]:
        """Return the blocks made since the last time, to be kept."""
        new, self._new = self._new, {}
        return new

    def _remember(self, key: bytes, block: str) -> None:
        if len(self._met) >= MOST:
            self._met.clear()
        self._met[key] = block


def _is_text(highlighter: Any) -> bool:
    """Tell whether it uses Pygments, and puts nothing elsewhere, as it may with titles."""
    plain = not highlighter.auto_title and getattr(highlighter, "title_mode", "") == "text"
    return plain and bool(highlighter.use_pygments)


def _made_from(
    highlighter: Any, args: tuple[Any, ...], options: dict[str, Any]
) -> tuple[dict[str, Any], tuple[Any, ...], dict[str, Any]]:
    """Return what a block is made from besides the site's settings."""
    nature = {name: value for name, value in vars(highlighter).items() if name != "md"}
    if not (highlighter.line_spans or highlighter.line_anchors):
        options = {**options, "code_block_count": 0}  # nothing but lines is named by it
    return nature, args, options


def _is_of_pygments(highlighter: Any, args: tuple[Any, ...]) -> bool:
    """Tell whether Pygments' own rules are for the block, which look at nothing but its text."""
    asked = args[1] or highlighter.default_lang
    lexer, _name = highlighter.get_lexer(args[0], asked, False, highlighter.stripnl)
    return type(lexer).__module__.startswith("pygments.lexers.")


def _is_known(method: Make, *names: str) -> bool:
    return tuple(signature(method).parameters)[1 : 1 + len(names)] == names


BLOCKS: ContextVar[Blocks | None] = ContextVar("blocks", default=None)


@contextmanager
def coloring(blocks: Blocks) -> Iterator[None]:
    """Let code that is coloured inside the block be remembered among `blocks`."""
    _take_part()
    token = BLOCKS.set(blocks)
    try:
        yield
    finally:
        BLOCKS.reset(token)


@cache
def _take_part() -> None:
    """Come between pymdownx and Pygments, in this process, where they are as they are known."""
    from pymdownx.highlight import Highlight  # type: ignore[import-untyped]

    make = Highlight.highlight
    if not _is_known(make, "src", "language", "css_class"):
        return
    if not _is_known(Highlight.get_lexer, "src", "language", "inline", "stripnl"):
        return

    def highlight(self: Any, *args: Any, **options: Any) -> Any:
        blocks = BLOCKS.get()
        if blocks is None:
            return make(self, *args, **options)
        return blocks.colored(make, self, *args, **options)

    Highlight.highlight = highlight
