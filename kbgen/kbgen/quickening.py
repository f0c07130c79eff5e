"""Python-Markdown and Pygments spared from work whose result is known.

Rendering takes most of a cold build, and a third of it goes into a few things: making the same
converter for every page, trying patterns on texts they cannot match, asking for the same order of
block processors at every block and searching the same list of tags for every element, building the
same style sheet for every block of code, and looking for the same lexer among five hundred. What
comes out is the same; where the libraries have changed inside, they are left alone.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache, partial
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as patterns  # type: ignore[attr-defined]
from typing import Any

import markdown
from markdown.inlinepatterns import InlineProcessor as NewStyle
from markdown.inlinepatterns import Pattern
from markdown.treeprocessors import InlineProcessor
from markdown.util import AtomicString

_HANDLE = "_InlineProcessor__handleInline"
_APPLY = "_InlineProcessor__applyPattern"
Search = Callable[[str, int], Any]
# Extensions that leave nothing of one text behind for the next when they are told to start anew.
REUSABLE = frozenset(
    [f"markdown.extensions.{name}" for name in ("abbr", "admonition", "attr_list", "def_list")]
    + [f"markdown.extensions.{name}" for name in ("fenced_code", "footnotes", "md_in_html")]
    + [f"markdown.extensions.{name}" for name in ("meta", "smarty", "tables", "toc")]
    + [f"pymdownx.{name}" for name in ("_bypassnorm", "betterem", "caret", "critic", "details")]
    + [f"pymdownx.{name}" for name in ("emoji", "highlight", "inlinehilite", "keys", "magiclink")]
    + [f"pymdownx.{name}" for name in ("mark", "smartsymbols", "snippets", "superfences", "tabbed")]
    + [f"pymdownx.{name}" for name in ("tasklist", "tilde", "util")]
)


@cache
def quicken() -> None:
    """Spare this process the work; doing it again does nothing."""
    if hasattr(InlineProcessor, _HANDLE) and hasattr(InlineProcessor, _APPLY):
        setattr(InlineProcessor, _HANDLE, _handle_inline)
    _remember_style_sheets()
    _remember_lexers()


@dataclass
class Converters:
    """Stands in for the `markdown` library where a converter is made for every page.

    One that has done its work is given out again, if all its extensions are known to allow it.
    """

    _made_for: tuple[Any, Any] = (None, None)
    _converter: Any = None
    _names: dict[str, Any] = field(default_factory=dict)

    def Markdown(self, extensions: Any, extension_configs: Any) -> Any:  # noqa: N802
        """Return a converter as new with these extensions."""
        asked = (extensions, extension_configs)
        same = all(one is other for one, other in zip(asked, self._made_for, strict=True))
        if same and self._converter is not None:
            return self._converter.reset()
        made = markdown.Markdown(extensions=extensions, extension_configs=extension_configs)
        self._made_for, self._converter = asked, None
        if _reusable(made, extensions, extension_configs):
            _settle(made)
            self._converter = made
        return made

    def forget(self) -> None:
        """Make a new converter next time: the present one has been stopped in its work."""
        self._converter = None


def _reusable(converter: Any, extensions: Iterable[Any], configs: Any) -> bool:
    loaded = {type(one).__module__ for one in converter.registeredExtensions}
    named = {_module_of(name) for name in extensions if isinstance(name, str)}
    numbered = (configs.get("footnotes") or {}).get("UNIQUE_IDS")  # counts the texts
    return loaded | named <= REUSABLE and len(named) == len(list(extensions)) and not numbered


def _module_of(name: str) -> str:
    """Return the module of an extension that is named by itself or by its short name."""
    return name if "." in name else f"markdown.extensions.{name}"


def _settle(converter: Any) -> None:
    """Spare a converter what its extensions, which are all in place, can no longer change."""
    processors = list(converter.parser.blockprocessors)
    for processor in processors:
        for name in ("RE", "START"):
            pattern = getattr(processor, name, None)
            if isinstance(pattern, re.Pattern) and (sign := sign_of(pattern)):
                setattr(processor, name, Signed(pattern, sign))
    converter.parser.parseBlocks = partial(_parse_blocks, processors)
    converter.is_block_level = partial(_is_block_level, frozenset(converter.block_level_elements))


class Signed:
    """A pattern that is searched for only where the sign stands that all its matches have."""

    def __init__(self, pattern: re.Pattern[str], sign: str) -> None:
        self.pattern = pattern
        self.search: Callable[[str], re.Match[str] | None] = partial(_search, pattern.search, sign)

    def __getattr__(self, name: str) -> Any:
        """Return what the pattern itself has under a name."""
        return getattr(self.pattern, name)


def _search(search: Callable[[str], Any], sign: str, text: str) -> Any:
    return search(text) if sign in text else None


def _parse_blocks(processors: Iterable[Any], parent: Any, blocks: list[str]) -> None:
    """Do as `BlockParser.parseBlocks` does with block processors that stay the same."""
    while blocks:
        for processor in processors:
            if processor.test(parent, blocks[0]) and processor.run(parent, blocks) is not False:
                break


def _is_block_level(names: frozenset[str], tag: Any) -> bool:
    """Do as `Markdown.is_block_level` does with names that stay the same."""
    return isinstance(tag, str) and tag.lower().rstrip("/") in names


def _handle_inline(self: Any, data: str, patternIndex: int = 0) -> str:  # noqa: N803
    """Do as `InlineProcessor.__handleInline` does, but do not try a pattern that cannot match."""
    if isinstance(data, AtomicString):
        return data
    start, patterns, apply = 0, self.inlinePatterns, getattr(self, _APPLY)
    trials = _trials(patterns)
    while patternIndex < len(trials):
        sign, search = trials[patternIndex]
        if (sign not in data) or (search is not None and search(data, start) is None):
            matched, start = False, 0
        else:
            data, matched, start = apply(patterns[patternIndex], data, patternIndex, start)
        if not matched:
            patternIndex += 1  # noqa: N806
    return data


def _trials(patterns: Any) -> list[tuple[str, Search | None]]:
    """Return for each inline pattern how to see that it cannot match.

    That is a character without which it does not match ("" if there is none), and its search (None
    where that does not tell). Kept on the registry of the patterns.
    """
    found: list[tuple[str, Search | None]] | None = getattr(patterns, "kbgen_trials", None)
    if found is None or len(found) != len(patterns):
        found = patterns.kbgen_trials = [_trial(pattern) for pattern in patterns]
    return found


def _trial(pattern: Any) -> tuple[str, Search | None]:
    plain = type(pattern).getCompiledRegExp is Pattern.getCompiledRegExp
    if not plain or not isinstance(pattern, NewStyle):
        return "", None
    return sign_of(pattern.compiled_re), pattern.compiled_re.search


def sign_of(pattern: re.Pattern[str]) -> str:
    """Return a character that is in every text that `pattern` matches, "" if none is known."""
    needed = _needed(patterns.parse(pattern.pattern, pattern.flags))
    signs = [sign for sign in needed if not sign.isalpha()]  # letters may match in either case
    return min(signs, key=lambda sign: (sign.isalnum(), sign == " ", sign), default="")


def _needed(items: Iterable[tuple[Any, Any]]) -> set[str]:
    """Return the characters that every match of these parts of a pattern goes with."""
    return set().union(*(_needed_by(code, value) for code, value in items))


def _needed_by(code: Any, value: Any) -> set[str]:
    if code is codes.LITERAL:
        return {chr(value)}
    if code is codes.SUBPATTERN:
        return _needed(value[3])
    if code is codes.BRANCH:
        return set.intersection(*map(_needed, value[1]))
    if code is codes.ASSERT:
        return _needed(value[1])
    if code in (codes.MAX_REPEAT, codes.MIN_REPEAT) and value[0] > 0:
        return _needed(value[2])
    return set()


def _remember_style_sheets() -> None:
    from pygments.formatters.html import HtmlFormatter  # type: ignore[import-untyped]

    make = HtmlFormatter._create_stylesheet
    made: dict[tuple[Any, ...], tuple[dict[Any, Any], dict[Any, Any]]] = {}

    def remembered(self: Any) -> None:
        key = (type(self), self.style, self.classprefix)
        if key not in made:
            make(self)
            made[key] = (self.ttype2class, self.class2style)
        self.ttype2class, self.class2style = map(dict, made[key])

    HtmlFormatter._create_stylesheet = remembered


def _remember_lexers() -> None:
    from pymdownx import highlight  # type: ignore[import-untyped]

    find = highlight.get_lexer_by_name
    kinds: dict[str, type] = {}

    def remembered(alias: str, **options: Any) -> Any:
        if alias in kinds:
            return kinds[alias](**options)
        lexer = find(alias, **options)
        kinds[alias] = type(lexer)
        return lexer

    highlight.get_lexer_by_name = remembered
