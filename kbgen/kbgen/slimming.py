"""Pages without the white space that templates leave behind."""

import re

# What a tag begins with is looked at before case is disregarded: most tags are none of these.
_BLOCKS = re.compile(r"(<(?=[PSTpst])(?i:(pre|textarea|script|style)\b.*?</\2\s*>))", re.DOTALL)
BEGINNING = 64


def slim(html: str, content: str) -> str:
    """Return the page with runs of white space around its `content` made one line break.

    The article itself stays as it is, and so do elements whose white space means something.
    """
    at = place_of(content, html) if content else -1
    if at < 0:
        return slim_shell(html)
    return slim_shell(html[:at]) + content + slim_shell(html[at + len(content) :])


def place_of(content: str, html: str) -> int:
    """Return where `content` first stands in `html`, -1 if nowhere.

    Looked for by its beginning: to look for a long text as a whole takes many times longer.
    """
    beginning = content[:BEGINNING]
    at = html.find(beginning)
    while at >= 0 and not html.startswith(content, at):
        at = html.find(beginning, at + 1)
    return at


def slim_shell(html: str) -> str:
    """Return `html` with each line break and the white space around it made one line break."""
    parts = _BLOCKS.split(html)
    # split() yields text, block, name of the block's element, text, and so on.
    return "".join(
        _without_blanks(part) if n % 3 == 0 else part for n, part in enumerate(parts) if n % 3 != 2
    )


def _without_blanks(text: str) -> str:
    first, *more = text.split("\n")
    if not more:
        return text
    lines = filter(None, map(str.strip, more[:-1]))
    return "\n".join([first.rstrip(), *lines, more[-1].lstrip()])
