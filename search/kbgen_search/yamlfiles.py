"""YAML files that people write: read with the lines of their mistakes."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from kbgen_search.errors import KbError

_KEY = re.compile(r"^(\w[\w-]*)[ \t]*:(?=\s)", re.MULTILINE)


class YamlFile:
    """One file with what its mistakes are answered with."""

    def __init__(self, path: Path, remedy: str) -> None:
        self.path = path
        self.remedy = remedy

    def root(self) -> Any:
        """Return the topmost node, None for a missing or empty file.

        Raises:
            KbError: the file cannot be read, is not UTF-8, or not YAML.
        """
        try:
            return yaml.compose(self.path.read_text("utf-8"), Loader=yaml.SafeLoader)
        except FileNotFoundError:
            return None
        except OSError as error:
            message, remedy = f"cannot read: {error.strerror}", "put a readable file in its place"
            raise KbError(message, file=self.path, remedy=remedy) from None
        except UnicodeDecodeError:
            raise KbError("not UTF-8 text", file=self.path, remedy="save it as UTF-8") from None
        except yaml.YAMLError as error:
            raise self._broken(error) from None

    def items(self, node: Any) -> list[Any]:
        """Return the nodes of a list."""
        if not isinstance(node, yaml.SequenceNode):
            raise self.mistake(node, "not a list")
        return list(node.value)

    def pairs(self, node: Any) -> list[tuple[str, Any]]:
        """Return the keys with their nodes."""
        if not isinstance(node, yaml.MappingNode):
            raise self.mistake(node, "not `key: value`")
        return [(self.text(key), value) for key, value in node.value]

    def text(self, node: Any) -> str:
        """Return a text, a number or the like as it is written."""
        if not isinstance(node, yaml.ScalarNode) or not node.value.strip():
            raise self.mistake(node, "not a text")
        return str(node.value)

    def mistake(self, node: Any, message: str) -> KbError:
        """Return the error for a node."""
        return KbError(message, file=self.path, line=self.line(node), remedy=self.remedy)

    @staticmethod
    def line(node: Any) -> int:
        """Return the line a node begins in."""
        return int(node.start_mark.line) + 1

    def _broken(self, error: yaml.YAMLError) -> KbError:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "it cannot be read"
        line = mark.line + 1 if mark else None
        return KbError(f"not YAML ({problem})", file=self.path, line=line, remedy=self.remedy)


def is_list(node: Any) -> bool:
    """Tell whether a node is a list."""
    return isinstance(node, yaml.SequenceNode)


def doubled(text: str) -> Iterator[tuple[str, int]]:
    """Yield each outermost key that stands there again, with its line: YAML reads only the last."""
    seen = set()
    for found in _KEY.finditer(text):
        if found[1] in seen:
            yield found[1], text.count("\n", 0, found.start()) + 1
        seen.add(found[1])
