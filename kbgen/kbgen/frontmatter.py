"""The front matter of an article: what may stand there, and what is wrong with what does."""

import datetime
import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

import msgspec
import yaml

from kbgen.locales import canonical
from kbgen.messages import Message
from kbgen_search.yamlfiles import doubled

WARNING, ERROR = 30, 40
BLOCK = re.compile(r"^-{3}[ \t]*\n(.*?\n)(?:\.{3}|-{3})[ \t]*\n", re.DOTALL)
ID = re.compile(r"[^\s/?#%\\]+(/[^\s/?#%\\]+)*")
LISTS = ("keywords", "questions", "tags", "audience", "related")
_BEGUN = re.compile(r"(\s*)---[ \t]*\n([A-Za-z]+)[ \t]*:")
_UNENDED = {  # what YAML finds out at the end is shown where it begins
    "found unexpected end of stream": "close the quotation mark",
    "did not find expected ',' or ']'": "close the list with `]`",
    "did not find expected node content": "close the list with `]`",
    "did not find expected ',' or '}'": "put a text that begins with `{` in quotes",
}


class FrontMatter(msgspec.Struct, frozen=True):
    """What an article says of itself; everything is optional."""

    title: str = ""
    description: str = ""
    id: str = ""
    keywords: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    owner: str = ""
    audience: tuple[str, ...] = ()
    reviewed: datetime.date | None = None
    related: tuple[str, ...] = ()
    lang: str = ""

    @classmethod
    def of(cls, meta: Mapping[str, Any]) -> "FrontMatter":
        """Return the fields of `meta` that are well formed; the others keep their defaults."""
        good = {
            name: value_of(name, meta[name])
            for name in cls.__struct_fields__
            if name in meta and not problem_of(name, meta[name])
        }
        return cls(**good)


def value_of(name: str, value: Any) -> Any:
    """Return a valid `value` of field `name` in the type that `FrontMatter` holds."""
    if name in LISTS:
        items = value if isinstance(value, list) else [value]
        return tuple(str(item).strip() for item in items if item is not None)
    if name == "reviewed":
        return _date(value)
    return "" if value is None else str(value).strip()


def problem_of(name: str, value: Any) -> str:
    """Return what is wrong with `value` for field `name`, with the remedy; "" when nothing is."""
    if value is None:
        return ""
    if name in LISTS:
        return (
            "" if _is_list(value) else f"`{name}` must be a list of texts, such as [first, second]"
        )
    if name == "reviewed":
        return "" if _date(value) else "`reviewed` must be a date such as 2026-01-31"
    if not isinstance(value, str | int | float | datetime.date) or isinstance(value, bool):
        return f"`{name}` must be a text; put it in quotes"
    if name == "id" and not ID.fullmatch(str(value)):
        return "`id` must be words without spaces, joined by `/`, such as billing/refunds"
    if name == "lang" and not canonical(str(value).strip()):
        return "`lang` must be a language tag, such as en or pt-BR"
    return ""


def problems(source: str, meta: Mapping[str, Any], file: str) -> Iterator[Message]:
    """Yield what is wrong with the front matter of `source`, which MkDocs read as `meta`."""
    if not meta:
        yield from _yaml_problems(source, file)
    block = BLOCK.match(source)
    for name, line in doubled(block.group()) if block else ():
        text = f"front matter has `{name}` twice and only this one is read; remove one"
        yield Message(WARNING, text, file, line)
    known = FrontMatter.__struct_fields__
    for name, value in meta.items():
        if name in known and (text := problem_of(name, value)):
            yield Message(WARNING, text, file, line_of(source, name))
        elif name not in known and (meant := _meant(str(name))):
            text = f"front matter `{name}` is unknown; did you mean `{meant}`?"
            yield Message(WARNING, text, file, line_of(source, str(name)))


def _meant(name: str) -> str:
    """Return the field that `name` may be a slip for: other case, order or a letter; else ""."""
    folded, known = name.casefold(), FrontMatter.__struct_fields__
    swapped = [field for field in known if sorted(field) == sorted(folded)]
    return next(iter(swapped or get_close_matches(folded, known, 1, 0.85)), "")


def read(source: str) -> dict[str, Any]:
    """Return the front matter of `source` as it stands there, {} when it cannot be read."""
    block = BLOCK.match(source)
    try:
        value = _yaml(block.group(1)) if block else None
    except (yaml.YAMLError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def line_of(source: str, name: str) -> int:
    """Return the 1-based line on which field `name` begins in the front matter, 0 if nowhere."""
    block = BLOCK.match(source)
    found = block and re.search(rf"^{re.escape(name)}[ \t]*:", block.group(), re.MULTILINE)
    return source.count("\n", 0, found.start()) + 1 if found else 0


def _yaml_problems(source: str, file: str) -> Iterator[Message]:
    block = BLOCK.match(source)
    if not block:
        yield from _unread(source, file)
        return
    try:
        value = _yaml(block.group(1))
    except yaml.MarkedYAMLError as error:
        yield _mistake(error, block.group(1), file)
        return
    except ValueError as error:
        text = f"front matter has an impossible value: {error}; correct it"
        yield Message(ERROR, text, file, _line_of_value(block.group(1)))
        return
    except yaml.YAMLError as error:
        yield Message(
            ERROR, f"front matter is not valid YAML: {error}; remove what it names", file, 1
        )
        return
    if value is not None and not isinstance(value, dict):
        yield Message(ERROR, "front matter must be lines such as `title: My article`", file, 2)


def _unread(source: str, file: str) -> Iterator[Message]:
    """Yield why what looks like front matter is none, so that readers would see it as text."""
    begun = _BEGUN.match(source)
    if not begun or begun[2].casefold() not in FrontMatter.__struct_fields__:
        return
    text = (
        "front matter must begin on the first line; remove the empty lines above it"
        if begun[1]
        else "front matter never ends; put a line `---` below its last field"
    )
    yield Message(WARNING, text, file, begun[1].count("\n") + 1)


def _mistake(error: yaml.MarkedYAMLError, block: str, file: str) -> Message:
    """Return what YAML stumbled over, with the line of the file and the remedy for that."""
    mark, problem = error.problem_mark or error.context_mark, error.problem or ""
    remedy = "put the text in quotes"
    if problem in _UNENDED:
        mark, remedy = error.context_mark, _UNENDED[problem]
    elif problem.startswith("mapping values"):
        remedy = "put texts with `:` or `#` in quotes"
    elif mark and _from(block, mark).startswith("\t"):
        remedy = "indent with spaces, not tabs"
    text = f"front matter is not valid YAML: {problem}; {remedy}"
    return Message(ERROR, text, file, mark.line + 2 if mark else 1)


def _from(block: str, mark: yaml.Mark) -> str:
    """Return a line of the block from a mark on, "" at its end; YAML knows more ends of lines."""
    return "".join(block.split("\n")[mark.line : mark.line + 1])[mark.column :]


def _line_of_value(block: str) -> int:
    """Return the line of the file on which front matter has an impossible value."""
    for number, line in enumerate(block.splitlines(), 2):
        try:
            _yaml(line)
        except ValueError:
            return number
        except yaml.YAMLError:
            continue
    return 1


def _yaml(text: str) -> Any:
    return yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506


def _is_list(value: Any) -> bool:
    items = value if isinstance(value, list) else [value]
    return all(isinstance(item, str | int | float | datetime.date) for item in items)


def _date(value: Any) -> datetime.date | None:
    if isinstance(value, datetime.datetime):
        return value.date()
    if isinstance(value, datetime.date):
        return value
    try:
        return datetime.date.fromisoformat(value)
    except (TypeError, ValueError):
        return None
