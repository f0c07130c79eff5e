"""Arabic words to stems: what stands before and behind a word is written together with it.

The article and the endings are taken off as light10 does (L. S. Larkey, L. Ballesteros and M. E.
Connell, "Light Stemming for Arabic Information Retrieval", 2007). What may as well be a part of
the word gives it further stems: `and`, `with` and `for` before it, a pronoun behind it. So `بريد`
is found by `والبريد` and `بريدك`, and `كلمتك` by `كلمة`. The browser does the same in `arabic.js`.
"""

import re

# Words that begin like the article, such as `cancellation`, `electronic` and `capture`.
_NO_ARTICLE = "غاء|كترون|زام|وان|بوم|عاب|مان|تزام|تحاق|تقاط|تماس|تهاب"
_ARTICLE = re.compile(f"[وف]?(?:ب?ال(?!{_NO_ARTICLE})|كال|لل)(?=..)")
_PARTICLES = (re.compile("[وبل](?=...)"), re.compile("و[بل](?=...)"))
_PRONOUN = re.compile("(?<=...)(?:(?:ات|ت)(?:ها|ه|ي)|(?:ات|ت)?(?:كم|ك|نا|هم))$")
# Endings in light10's order, with the fewest letters that each must leave.
_ENDINGS = (
    ("ها", 2),
    ("ان", 3),
    ("ات", 2),
    ("ون", 3),
    ("ين", 3),
    ("يه", 3),
    ("ه", 2),
    ("ي", 2),
)


def stems(word: str) -> tuple[str, ...]:
    """Return the stems of a word that is lower-cased and folded, the likeliest first."""
    article = _ARTICLE.match(word)
    if article:
        return (_without_endings(word[article.end() :]),)
    begun = [word, *(word[m.end() :] for one in _PARTICLES if (m := one.match(word)))]
    owned = [one[: m.start()] for one in begun if (m := _PRONOUN.search(one))]
    return tuple(dict.fromkeys(map(_without_endings, (*begun, *owned))))


def _without_endings(word: str) -> str:
    for ending, least in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= least:
            word = word[: -len(ending)]
    return word
