"""Python-Markdown and Pygments spared from work whose result is known.

Rendering takes most of a cold build, and a third of it goes into three things: trying inline
patterns on texts they cannot match, building the same style sheet for every block of code, and
looking for the same lexer among five hundred. What comes out is the same; where the libraries
have changed inside, they are left alone.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from markdown.inlinepatterns import InlineProcessor as NewStyle
from markdown.inlinepatterns import Pattern
from markdown.treeprocessors import InlineProcessor
from markdown.util import AtomicString

_HANDLE = "_InlineProcessor__handleInline"
_APPLY = "_InlineProcessor__applyPattern"
Search = Callable[[str, int], Any]


@cache
def quicken() -> None:
    """Spare this process the work; doing it again does nothing."""
    if hasattr(InlineProcessor, _HANDLE) and hasattr(InlineProcessor, _APPLY):
        setattr(InlineProcessor, _HANDLE, _handle_inline)
    _remember_style_sheets()
    _remember_lexers()


def _handle_inline(self: Any, data: str, patternIndex: int = 0) -> str:  # noqa: N803
    """Do as `InlineProcessor.__handleInline` does, but do not try a pattern that cannot match."""
    if isinstance(data, AtomicString):
        return data
    start, patterns, apply = 0, self.inlinePatterns, getattr(self, _APPLY)
    searches = _searches(patterns)
    while patternIndex < len(searches):
        search = searches[patternIndex]
        if search is not None and search(data, start) is None:
            matched, start = False, 0
        else:
            data, matched, start = apply(patterns[patternIndex], data, patternIndex, start)
        if not matched:
            patternIndex += 1  # noqa: N806
    return data


def _searches(patterns: Any) -> list[Search | None]:
    """Return for each inline pattern how to see that it cannot match, None where one cannot see.

    Kept on the registry of the patterns, which is made for one document.
    """
    found: list[Search | None] | None = getattr(patterns, "kbgen_searches", None)
    if found is None or len(found) != len(patterns):
        found = patterns.kbgen_searches = [_search(pattern) for pattern in patterns]
    return found


def _search(pattern: Any) -> Search | None:
    plain = type(pattern).getCompiledRegExp is Pattern.getCompiledRegExp
    if not plain or not isinstance(pattern, NewStyle):
        return None
    search: Search = pattern.compiled_re.search
    return search


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
