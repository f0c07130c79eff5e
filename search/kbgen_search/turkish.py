"""Turkish words to stems: Snowball's, taken again, and never too short.

Snowball takes one run of suffixes off, and the end of a bare noun for one: `fatura` becomes
`fatur`, `faturalar` becomes `fatura`, `hata` becomes `ha`. So a stem is stemmed once more, and
where less than three letters would be left, no more than a case ending goes. What the suffix of
`faturası` begins with is taken off, too. The browser does the same in `turkish.js`.
"""

import re
from collections.abc import Callable

_FEWEST = 3
_CASE = re.compile("(?<=...)(?:[ıiuü][nm]?|[ae]|d[ae]n?)$")
_OWNED = re.compile("[aeıioöuü]s$")
_OWNER = tuple("ıiuü")


def stems(snowball: Callable[[str], str], word: str, written: str) -> tuple[str, ...]:
    """Return the stems, not folded, of a lower-cased word as `written` and, folded, as `word`."""
    first = _stem(snowball, written)
    found = [first]
    if _OWNED.search(first) and written.startswith(_OWNER, len(first)):
        found.append(first[:-1])
    found += [_stem(snowball, one) for one in found]
    return (*found, _stem(snowball, word))


def _stem(snowball: Callable[[str], str], word: str) -> str:
    stem = snowball(word)
    return stem if len(stem) >= _FEWEST else _CASE.sub("", word)
