"""Addresses in mkdocs.yml that would make a reader's browser ask other servers."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from kbgen.messages import Message


def is_foreign(address: str) -> bool:
    """Tell whether `address` leads to another server."""
    return address.startswith(("http://", "https://", "//"))


def in_config(config: Mapping[str, Any], file: Path) -> Iterator[Message]:
    """Yield a warning for each script, style or service of another server."""
    for option in ("extra_javascript", "extra_css"):
        for entry in config.get(option) or ():
            if is_foreign(str(entry)):
                text = f"{option}: browsers fetch {entry} from another server; put a copy into docs"
                yield Message(30, text, file.name, line_with(file, str(entry)))
    if (config.get("extra") or {}).get("analytics"):
        text = "extra.analytics sends what readers do to another server; remove it"
        yield Message(30, text, file.name, line_with(file, "analytics"))


def line_with(file: Path, text: str) -> int:
    """Return the 1-based line of `file` on which `text` first stands, 0 if nowhere."""
    try:
        return line_in(file.read_text("utf-8", "replace"), text)
    except OSError:
        return 0


def line_in(whole: str, text: str) -> int:
    """Return the 1-based line of `whole` on which `text` first stands, 0 if nowhere."""
    at = whole.find(text)
    return whole.count("\n", 0, at) + 1 if at >= 0 else 0
