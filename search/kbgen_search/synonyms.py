"""`synonyms.yml`: words that stand for others, by language.

en:
  - [2fa, two-factor authentication]     # each finds the others
  - pre-set design: template             # one way: the left also finds the right
  - popup: [dialog, overlay]
all:
  - [k8s, kubernetes]
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from kbgen_search.analysis import Analyzer
from kbgen_search.errors import KbError
from kbgen_search.languages import language
from kbgen_search.queries import Rule

EVERYWHERE = "all"
REMEDY = "write a list such as [2fa, two-factor authentication] or one `word: other word`"


@dataclass(frozen=True, slots=True)
class Synonym:
    """Where the words of `said` are searched for, those of `meant` are found too."""

    said: str
    meant: str
    language: str = EVERYWHERE


def load(path: Path) -> tuple[Synonym, ...]:
    """Return the synonyms in a file, none when there is no file.

    Raises:
        KbError: the file is not YAML or not of the form above; tells the line.
    """
    try:
        root = yaml.compose(path.read_text("utf-8"), Loader=yaml.CSafeLoader)
    except FileNotFoundError:
        return ()
    except UnicodeDecodeError:
        raise KbError("not UTF-8 text", file=path, remedy="save it as UTF-8") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else None
        message = f"not YAML ({_problem(error)})"
        raise KbError(message, file=path, line=line, remedy=REMEDY) from None
    return tuple(_languages(root, path)) if root is not None else ()


def rules(synonyms: Iterable[Synonym], analyzer: Analyzer) -> list[Rule]:
    """Return the synonyms of the analyzer's language as terms said and terms meant."""
    mine = (EVERYWHERE, analyzer.language.code)
    found = [
        (_terms(one.said, analyzer), _terms(one.meant, analyzer))
        for one in synonyms
        if one.language in mine
    ]
    return sorted({(said, meant) for said, meant in found if said and meant and said != meant})


def _terms(text: str, analyzer: Analyzer) -> tuple[str, ...]:
    return tuple(word.terms[0] for word in analyzer.words(text))


def _problem(error: yaml.YAMLError) -> str:
    return str(getattr(error, "problem", None) or "it cannot be read")


def _languages(root: yaml.Node, path: Path) -> Iterator[Synonym]:
    for key, value in _pairs(root, path):
        code = EVERYWHERE if key == EVERYWHERE else language(key).code
        if not isinstance(value, yaml.SequenceNode):
            raise _mistake(value, path, f"{key}: not a list")
        for entry in value.value:
            yield from _entry(entry, code, path)


def _entry(entry: yaml.Node, code: str, path: Path) -> Iterator[Synonym]:
    if isinstance(entry, yaml.SequenceNode):
        group = [_word(node, path) for node in entry.value]
        yield from (Synonym(a, b, code) for a in group for b in group if a != b)
        return
    for said, meant in _pairs(entry, path):
        nodes = meant.value if isinstance(meant, yaml.SequenceNode) else [meant]
        yield from (Synonym(said, _word(node, path), code) for node in nodes)


def _pairs(node: yaml.Node, path: Path) -> list[tuple[str, yaml.Node]]:
    if not isinstance(node, yaml.MappingNode):
        raise _mistake(node, path, "neither a list nor `word: other word`")
    return [(_word(key, path), value) for key, value in node.value]


def _word(node: Any, path: Path) -> str:
    if not isinstance(node, yaml.ScalarNode) or not node.value.strip():
        raise _mistake(node, path, "not a word")
    return str(node.value)


def _mistake(node: yaml.Node, path: Path, message: str) -> KbError:
    return KbError(message, file=path, line=node.start_mark.line + 1, remedy=REMEDY)
