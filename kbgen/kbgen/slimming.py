"""Pages without the white space that templates leave behind."""

import re

_KEEPS_SPACE = re.compile(r"<(?:pre|textarea|script|style)\b", re.IGNORECASE)
_BLOCKS = re.compile(r"(<(pre|textarea|script|style)\b.*?</\2\s*>)", re.IGNORECASE | re.DOTALL)


def slim(html: str, content: str) -> str:
    """Return the page with runs of white space around its `content` made one line break.

    The article itself stays as it is, and so do elements whose white space means something.
    """
    before, found, after = html.partition(content) if content else (html, "", "")
    return slim_shell(before) + found + slim_shell(after)


def slim_shell(html: str) -> str:
    """Return `html` with each line break and the white space around it made one line break."""
    if not _KEEPS_SPACE.search(html):
        return _without_blanks(html)
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
