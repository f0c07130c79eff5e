"""Python-Markdown and Pygments spared from work whose result is known.

Rendering takes most of a cold build, and a third of it goes into a few things: making the same
converter for every page, trying patterns on texts they cannot match, asking for the same order of
block processors at every block and searching the same list of tags for every element, building the
same style sheet for every block of code, and looking for the same lexer among five hundred. What
comes out is the same; where the libraries have changed inside, they are left alone.
"""

import re
from collections.abc import Callable, Iterable
from functools import cache, partial
from typing import Any
from xml.etree.ElementTree import Element

import markdown
import msgspec

from kbgen.inlining import pass_over_plain_texts, sign_of

Find = Callable[..., re.Match[str] | None]
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
    pass_over_plain_texts()
    _remember_style_sheets()
    _remember_lexers()


class Converters(msgspec.Struct):
    """Stands in for the `markdown` library where a converter is made for every page.

    One that has done its work is given out again, if all its extensions are known to allow it.
    """

    _made_for: tuple[Any, Any] = (None, None)
    _converter: Any = None
    _names: dict[str, Any] = msgspec.field(default_factory=dict)

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
            if isinstance(pattern, re.Pattern) and (sign := sign_of(pattern).strip(" ")):
                setattr(processor, name, Signed(pattern, sign))
    steps = [(processor.test, processor.run) for processor in processors]
    converter.parser.parseBlocks = partial(_parse_blocks, steps)
    converter.is_block_level = partial(_is_block_level, frozenset(converter.block_level_elements))
    if "toc" in converter.treeprocessors:
        _settle_toc(converter, converter.treeprocessors["toc"])


def _settle_toc(converter: Any, toc: Any) -> None:
    """Spare a converter tables of contents for texts that show none; MkDocs makes its own.

    None of the extensions looks at what the converter would keep of it.
    """
    if not (hasattr(toc, "build_toc_div") and hasattr(toc, "replace_marker")):
        return
    build, place = toc.build_toc_div, toc.replace_marker

    def is_shown() -> bool:
        return bool(toc.marker) and any(toc.marker in line for line in converter.lines)

    toc.build_toc_div = lambda entries: build(entries) if is_shown() else Element("div")
    toc.replace_marker = lambda root, made: place(root, made) if is_shown() else None


class Signed:
    """A pattern that is looked for only where the sign stands that all its matches have."""

    def __init__(self, pattern: re.Pattern[str], sign: str) -> None:
        self.pattern = pattern
        self.search: Find = partial(_find, pattern.search, sign)
        self.match: Find = partial(_find, pattern.match, sign)

    def __getattr__(self, name: str) -> Any:
        """Return what the pattern itself has under a name."""
        return getattr(self.pattern, name)


def _find(find: Callable[..., Any], sign: str, text: str, *bounds: int) -> Any:
    return find(text, *bounds) if sign in text else None


def _parse_blocks(
    steps: Iterable[tuple[Callable[..., Any], Callable[..., Any]]], parent: Any, blocks: list[str]
) -> None:
    """Do as `BlockParser.parseBlocks` does with block processors that stay the same."""
    while blocks:
        for test, run in steps:
            if test(parent, blocks[0]) and run(parent, blocks) is not False:
                break


def _is_block_level(names: frozenset[str], tag: Any) -> bool:
    """Do as `Markdown.is_block_level` does with names that stay the same."""
    return isinstance(tag, str) and tag.lower().rstrip("/") in names


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
