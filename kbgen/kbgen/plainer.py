"""Article HTML with fewer tags and the same sections.

Reading HTML into a tree costs by the tag, and most tags of an article say nothing to the search:
colours of code, emphasis, paragraphs. Without them it takes a third of the time.
"""

import re

from kbgen_search.extract import SKIPPED_CLASSES

_CODE_BLOCK = re.compile(r"<pre\b.*?</pre>", re.DOTALL)
_COLOUR = re.compile(r"</?span\b[^>]*>")
_INLINE = re.compile(
    r'<(a|b|code|del|em|i|kbd|strong)(?: (?:href|rel|target|title)="[^"]*")*>([^<]*)</\1>'
)
_BLOCK = re.compile(r"<(li|p|td|th)>([^<]*)</\1>")
# A block that is left out and not closed takes what follows along, unless a block begins there.
_HIDING = re.compile(
    rf"<(?:li|p|td|th)\b[^>]*\b(?:hidden|data-search-exclude|{'|'.join(sorted(SKIPPED_CLASSES))})\b"
)


def plainer(html: str) -> str:
    """Return `html` without tags that do not matter for its sections; blocks leave spaces behind.

    Only elements without further elements in them go, innermost first, and none that has an id,
    a class or anything else by which it might be meant to be left out.
    """
    html = _CODE_BLOCK.sub(lambda block: _COLOUR.sub("", block.group()), html)
    html = _INLINE.sub(r"\2", _INLINE.sub(r"\2", html))
    return html if _HIDING.search(html) else _BLOCK.sub(r" \2 ", html)
