"""`synonyms.yml`: words that stand for others, by language.

en:
  - [2fa, two-factor authentication]     # each finds the others
  - pre-set design: template             # one way: the left also finds the right
  - popup: [dialog, overlay]
all:
  - [k8s, kubernetes]
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from kbgen_search.analysis import Analyzer
from kbgen_search.languages import language
from kbgen_search.queries import Rule
from kbgen_search.yamlfiles import YamlFile, is_list

EVERYWHERE = "all"
REMEDY = "under a language or `all`, list [2fa, two-factor authentication] or `popup: dialog`"


class Synonym(msgspec.Struct, frozen=True):
    """Where the words of `said` are searched for, those of `meant` are found too."""

    said: str
    meant: str
    language: str = EVERYWHERE


def load(path: Path) -> tuple[Synonym, ...]:
    """Return the synonyms in a file, none when there is no file.

    Raises:
        KbError: the file is not YAML or not of the form above; tells the line.
    """
    file = YamlFile(path, REMEDY)
    root = file.root()
    return tuple(_read(file, root)) if root is not None else ()


def unused(path: Path, locales: Iterable[str]) -> Iterator[tuple[str, int]]:
    """Yield each key of a file that is the language of none of these locales, with its line.

    Raises:
        KbError: the file is not YAML, or has no keys.
    """
    file = YamlFile(path, REMEDY)
    codes = {EVERYWHERE, *(language(locale).code for locale in locales)}
    root = file.root()
    for key, _ in root.value if root is not None and file.pairs(root) else ():
        if key.value != EVERYWHERE and language(key.value).code not in codes:
            yield key.value, file.line(key)


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


def _read(file: YamlFile, root: Any) -> Iterator[Synonym]:
    for key, entries in file.pairs(root):
        code = EVERYWHERE if key == EVERYWHERE else language(key).code
        for entry in file.items(entries):
            for said, meant in _entry(file, entry):
                yield Synonym(said, meant, code)


def _entry(file: YamlFile, entry: Any) -> Iterator[tuple[str, str]]:
    if is_list(entry):
        group = [file.text(node) for node in entry.value]
        yield from ((one, other) for one in group for other in group if one != other)
        return
    for said, meant in file.pairs(entry):
        nodes = meant.value if is_list(meant) else [meant]
        yield from ((said, file.text(node)) for node in nodes)
