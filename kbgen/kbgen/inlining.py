"""Python-Markdown's inline patterns, tried only on texts and at places where they can match.

Most texts hold no sign of any pattern: they are passed over whole. What comes out is the same.
"""

import re
from collections import deque
from collections.abc import Callable, Iterable
from functools import reduce
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as patterns  # type: ignore[attr-defined]
from typing import Any, NamedTuple
from xml.etree import ElementTree as etree  # noqa: N813

from markdown import treeprocessors
from markdown.inlinepatterns import InlineProcessor as NewStyle
from markdown.inlinepatterns import Pattern
from markdown.treeprocessors import InlineProcessor, UnescapeTreeprocessor
from markdown.util import INLINE_PLACEHOLDER_PREFIX, STX, AtomicString

KNOWN = frozenset(["efb2c4214959cef3"])  # 3.11.3
"""Hashes of the library's text that the functions here stand in for."""
_APPLY = "_InlineProcessor__applyPattern"
_HANDLE = "_InlineProcessor__handleInline"
_PLACE = "_InlineProcessor__processPlaceholders"
_STASH = "_InlineProcessor__stashNode"
_ABOVE = "_InlineProcessor__build_ancestors"
COMMON = frozenset(" \n.,:-/()!'\"")  # signs that many texts have that are of no pattern
Search = Callable[[str, int], Any]
Place = tuple[Any, list[str]]
"""An element, and the names of those that it is in."""


class Trial(NamedTuple):
    """How to see that a pattern does not match.

    `sign` is a character without which it does not ("" if there is none); `search` finds its next
    match, and is None for patterns that do so in their own way.
    """

    pattern: Any
    sign: str
    search: Search | None


class Trials(NamedTuple):
    """The trials of all patterns, and what finds in a text anything that concerns one of them."""

    each: list[Trial]
    concerns: Callable[[str], Any]


def pass_over_plain_texts() -> None:
    """Have this process's converters do so, if the library is one that is known inside."""
    if is_known(Path(treeprocessors.__file__)):
        setattr(InlineProcessor, _HANDLE, _handle_inline)
        InlineProcessor.run = _run  # type: ignore[method-assign]
        UnescapeTreeprocessor.run = _unescape  # type: ignore[method-assign]


def is_known(module: Path) -> bool:
    """Tell whether a module of the library has a text that the functions here stand in for."""
    return blake2b(module.read_bytes(), digest_size=8).hexdigest() in KNOWN


def _run(self: Any, tree: Any, ancestors: list[str] | None = None) -> Any:
    """Do as `InlineProcessor.run` does, but leave texts as they are that concern no pattern."""
    self.stashed_nodes = {}
    self.parent_map = {child: parent for parent in tree.iter() for child in parent}
    parents = [] if ancestors is None else ancestors[:]
    getattr(self, _ABOVE)(tree, parents)
    waiting = deque([(tree, parents)])
    while waiting:
        element, self.ancestors = waiting.popleft()
        if element is not tree:
            self.ancestors.append(element.tag.lower())
        waiting.extend(_process_children(self, element))
    return tree


def _process_children(self: Any, element: Any) -> list[Place]:
    """Apply the patterns to the texts in an element; return the elements to be looked into next."""
    concerns = _trials(self.inlinePatterns).concerns
    placed: list[tuple[Any, list[Place]]] = []
    waiting: list[Place] = []
    for child in element:
        text = child.text
        if text and not isinstance(text, AtomicString) and concerns(text):
            made = _process_text(self, child, text)
            placed.append((child, made))
            waiting += made
        tail = child.tail
        if tail and concerns(tail):
            _process_tail(self, element, child, tail)
        if len(child):
            self.parent_map[child] = element
            waiting.append((child, self.ancestors[:]))
    for child, made in placed:
        for n, (new, _) in enumerate(made):
            child.insert(n, new)
    return waiting


def _process_text(self: Any, child: Any, text: str) -> list[Place]:
    self.ancestors.append(child.tag.lower())
    child.text = None
    made: list[Place] = getattr(self, _PLACE)(_handle_inline(self, text), child)
    for new, _ in made:
        self.parent_map[new] = child
    self.ancestors.pop()
    return made


def _process_tail(self: Any, element: Any, child: Any, tail: str) -> None:
    aside = etree.Element("d")
    tail = _handle_inline(self, tail)
    child.tail = None
    made = getattr(self, _PLACE)(tail, aside, False)
    if aside.tail:
        child.tail = aside.tail
    at = list(element).index(child) + 1
    for new, _ in reversed(made):
        self.parent_map[new] = element
        element.insert(at, new)


def _handle_inline(self: Any, data: str, patternIndex: int = 0) -> str:  # noqa: N803
    """Do as `InlineProcessor.__handleInline` does, but do not try a pattern that cannot match."""
    trials, concerns = _trials(self.inlinePatterns)
    if isinstance(data, AtomicString) or not concerns(data):
        return data
    for index, trial in enumerate(trials[patternIndex:], patternIndex):
        if trial[1] in data:  # its sign; asked thirty times a text
            data = _try(self, trial, data, index)
    return data


def _try(self: Any, trial: Trial, data: str, index: int) -> str:
    """Return what a text is once a pattern has been applied wherever it matches."""
    pattern, sign, search = trial
    matched, start = True, 0
    while matched and sign in data:
        matched = False
        if search is None:
            data, matched, start = getattr(self, _APPLY)(pattern, data, index, start)
        elif match := search(data, start):
            data, matched, start = _apply(self, pattern, match, data, index, start)
    return data


def _apply(
    self: Any, pattern: Any, match: Any, data: str, index: int, start: int
) -> tuple[str, bool, int]:
    """Do as `InlineProcessor.__applyPattern` does, with the first match already found."""
    for excluded in pattern.ANCESTOR_EXCLUDES:
        if excluded.lower() in self.ancestors:
            return data, False, 0
    node, begin, end = pattern.handleMatch(match, data)
    if begin is None or end is None:  # not after all: the next one that is, if any
        others = islice(pattern.compiled_re.finditer(data, start), 1, None)
        found = (pattern.handleMatch(other, data) for other in others)
        node, begin, end = next((one for one in found if None not in one[1:]), (None, None, None))
        if begin is None:
            return data, False, 0
    if node is None:
        return data, True, end
    if not isinstance(node, str) and not isinstance(node.text, AtomicString):
        _handle_below(self, node, index)
    placeholder = getattr(self, _STASH)(node, pattern.type())
    return f"{data[:begin]}{placeholder}{data[end:]}", True, begin + len(placeholder)


def _handle_below(self: Any, node: Any, index: int) -> None:
    for child in (node, *node):
        if child.text:
            self.ancestors.append(child.tag.lower())
            child.text = _handle_inline(self, child.text, index + 1)
            self.ancestors.pop()
        if child.tail:
            child.tail = _handle_inline(self, child.tail, index)


def _unescape(self: Any, root: Any) -> None:
    """Do as `UnescapeTreeprocessor.run` does, but only with texts in which a mark is."""
    for element in root.iter():
        if (text := element.text) and STX in text and element.tag != "code":
            element.text = self.unescape(text)
        if (tail := element.tail) and STX in tail:
            element.tail = self.unescape(tail)
        for key, value in element.items():
            if value is not None and STX in value:
                element.set(key, self.unescape(value))


def _trials(registry: Any) -> Trials:
    """Return the trials of the patterns in a registry; they are kept on it."""
    found: Trials | None = getattr(registry, "kbgen_trials", None)
    if found is None or len(found.each) != len(registry):
        found = registry.kbgen_trials = _trials_of(list(registry))
    return found


def _trials_of(patterns: list[Any]) -> Trials:
    each = [_trial(pattern) for pattern in patterns]
    if not all(map(_is_plain, patterns)):
        return Trials(each, bool)
    signs = [signs_of(pattern.compiled_re) for pattern in patterns]
    if not all(signs):
        return Trials(each, bool)
    wanted = re.escape("".join(sorted(frozenset(INLINE_PLACEHOLDER_PREFIX[0]).union(*signs))))
    return Trials(each, re.compile(f"[{wanted}]").search)


def _trial(pattern: Any) -> Trial:
    if not _is_plain(pattern):
        return Trial(pattern, "", None)
    return Trial(pattern, sign_of(pattern.compiled_re), pattern.compiled_re.search)


def _is_plain(pattern: Any) -> bool:
    """Tell whether a pattern is matched by its regular expression and by nothing else."""
    plain = type(pattern).getCompiledRegExp is Pattern.getCompiledRegExp
    return plain and isinstance(pattern, NewStyle)


def sign_of(pattern: re.Pattern[str]) -> str:
    """Return a character that is in every text that `pattern` matches, "" if none is known."""
    signs = signs_of(pattern)
    return min(signs) if len(signs) == 1 else ""


def signs_of(pattern: re.Pattern[str]) -> frozenset[str]:
    """Return characters of which every text that `pattern` matches has one, none if unknown.

    As few as possible, and rather such as are seldom seen in texts.
    """
    return _best(_needed(patterns.parse(pattern.pattern, pattern.flags)))


def _best(found: Iterable[frozenset[str]]) -> frozenset[str]:
    # Letters may match in either case.
    usable = [signs for signs in found if signs and not any(map(str.isalpha, signs))]
    return min(usable, key=_badness, default=frozenset())


def _badness(signs: frozenset[str]) -> tuple[int, int, list[str]]:
    common = sum(sign.isalnum() * 2 + (sign in COMMON) + (sign == " ") for sign in signs)
    return len(signs), common, sorted(signs)


def _needed(items: Iterable[tuple[Any, Any]]) -> list[frozenset[str]]:
    """Return sets of which every match of these parts of a pattern has a character each."""
    return [signs for code, value in items for signs in _needed_by(code, value)]


def _needed_by(code: Any, value: Any) -> list[frozenset[str]]:
    if code is codes.LITERAL:
        return [frozenset(chr(value))]
    if code is codes.IN and all(kind is codes.LITERAL for kind, _ in value):
        return [frozenset(chr(literal) for _, literal in value)]
    if code is codes.SUBPATTERN:
        return _needed(value[3])
    if code is codes.BRANCH:
        branches = [_needed(branch) for branch in value[1]]
        shared = set(branches[0]).intersection(*branches[1:])
        either = [_best(branch) for branch in branches]
        return [*shared, *([reduce(frozenset.union, either)] if all(either) else [])]
    if code is codes.ASSERT:
        return _needed(value[1])
    if code in (codes.MAX_REPEAT, codes.MIN_REPEAT) and value[0] > 0:
        return _needed(value[2])
    return []
