"""Queries in Whoosh's own language: fields, phrases, wildcards; a mistake is told, not guessed.

Fields are title, keywords, headings, body, code (words of ours), id, area, tags and audience;
without a field the first five are searched.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import accumulate
from typing import Any

from whoosh.fields import COLUMN, Schema
from whoosh.qparser.common import attach
from whoosh.qparser.default import MultifieldParser
from whoosh.qparser.plugins import FuzzyTermPlugin, PrefixPlugin, TaggingPlugin, WildcardPlugin
from whoosh.qparser.syntax import TextNode
from whoosh.query.compound import Or
from whoosh.query.qcore import Query
from whoosh.query.terms import Prefix, Term, Wildcard

from kbgen_search.errors import KbError
from kbgen_search.folding import fold, lower
from kbgen_search.ranking import FIELDS

Like = Callable[[re.Pattern[str]], Iterable[str]]
_WILD = {"*": ".*", "?": "."}


def parsed(text: str, schema: Schema, like: Like) -> Query:
    """Return a query as Whoosh has it; words with wildcards stand for the terms that `like` gives.

    Raises:
        KbError: it cannot be read.
    """
    names = [name for name, field in schema.items() if not isinstance(field, COLUMN)]
    _refuse_mistakes(text, names)
    parser = MultifieldParser(list(FIELDS), schema)
    for plugin in (PrefixPlugin, WildcardPlugin):
        parser.remove_plugin_class(plugin)
    for made in (_Patterns, FuzzyTermPlugin):
        parser.add_plugin(made())
    with told(text):
        found: Query = parser.parse(text).accept(partial(_with_words, like))
    return found


class _Pattern(TextNode):
    """A word with wildcards, which no analysis may take apart."""

    def query(self, parser: Any) -> Query:
        found: Query = attach(Wildcard(self.fieldname or parser.fieldname, self.text), self)
        return found


class _Patterns(TaggingPlugin):
    """Finds words with wildcards in them."""

    expr = r"(?P<text>[^\s()\"':*?]*[*?][^\s()\"':]*)"  # type: ignore[assignment]
    nodetype = _Pattern


@contextmanager
def told(text: str) -> Iterator[None]:
    """Raise a KbError for what Whoosh meets in a query; it raises whatever went wrong."""
    try:
        yield
    except Exception as error:
        raise _unreadable(text, str(error) or type(error).__name__) from error


def _with_words(like: Like, node: Query) -> Query:
    """Return a pattern of words as the terms of these words: the index has stems, not words."""
    if not isinstance(node, Wildcard | Prefix) or node.fieldname not in FIELDS:
        return node
    text = fold(lower(node.text)) + "*" * isinstance(node, Prefix)
    pattern = re.compile("".join(_WILD.get(letter, re.escape(letter)) for letter in text))
    return Or([Term(node.fieldname, term) for term in sorted(like(pattern))])


def _refuse_mistakes(text: str, names: list[str]) -> None:
    """Raise for what Whoosh would silently read as something else."""
    plain = re.sub(r'"[^"]*"', "phrase", text)
    if '"' in plain:
        raise _unreadable(text, "a quotation mark is missing")
    depths = list(accumulate((letter == "(") - (letter == ")") for letter in plain))
    if depths and (min(depths) < 0 or depths[-1]):
        raise _unreadable(text, "a parenthesis is missing")
    unknown = [name for name in re.findall(r"(\w+):(?!:)", plain) if name not in names]
    if unknown:
        raise _unreadable(text, f"there is no field {unknown[0]}, but {', '.join(sorted(names))}")
    if re.search(r"(^|[\s(])(AND|OR|NOT)\s*($|\))", plain) or re.match(r"\s*(AND|OR)\b", plain):
        raise _unreadable(text, "a word is missing beside AND, OR or NOT")
    if not re.search(r"[\w*]", text):
        raise _unreadable(text, "there is no word in it")


def _unreadable(text: str, why: str) -> KbError:
    message = f"“{text}” is no query in Whoosh's language: {why}"
    return KbError(message, remedy='write for example title:"reset password" AND NOT tags:old')
