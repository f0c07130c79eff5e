"""Indonesian words to stems: what a word may come from besides what Snowball says.

A prefix that ends in a nasal swallows the letter after it: `mengirim` is `kirim`, `menulis` is
`tulis`, `memasukkan` is `masuk`; and roots may begin like a prefix (`kembali`, `terima`, `pesan`)
or end like a suffix (`selesai`). Snowball's algorithm knows no words, so it takes `irim`, `mbali`
and `selesa` for roots. Here such words get the other stem as well. The browser does the same in
`indonesian.js`.
"""

import re
from collections.abc import Callable

_NASAL = re.compile("(?:me|pe)(ng|n|m)(?=[aiueo])")
_SWALLOWED = {"ng": "k", "n": "t", "m": "m"}
_LIKE_PREFIX = re.compile("ke|te|pe[rls]")
_PARTICLES = re.compile("(?<=...)(?:(?:lah|kah|pun)|(?:ku|mu|nya)(?:lah|kah|pun)?)$")
_SUFFIX = re.compile("(?<=....)k?an$")
_LIKE_SUFFIX = re.compile("[aueo]i$")


def stems(snowball: Callable[[str], str], word: str) -> tuple[str, ...]:
    """Return the stems of a word that is lower-cased and folded, that of `snowball` first."""
    first, plain = snowball(word), _PARTICLES.sub("", word)
    found = [first]
    if nasal := _NASAL.match(word):
        rest = first[1:] if nasal[1] == "m" and first.startswith("p") else first
        if word.startswith(rest[:2], nasal.end()):
            found.append(_SWALLOWED[nasal[1]] + rest)
    if _LIKE_PREFIX.match(word) and not first.startswith(word[:2]):
        found.append(_SUFFIX.sub("", plain))
    if _LIKE_SUFFIX.search(plain) and not first.endswith("i"):
        found.append(f"{first}i")
    return tuple(dict.fromkeys(found))
