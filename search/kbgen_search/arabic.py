"""Arabic words to stems: what stands before and behind a word is written together with it.

The article and the endings are taken off as light10 does (L. S. Larkey, L. Ballesteros and M. E.
Connell, "Light Stemming for Arabic Information Retrieval", 2007). What may as well be a part of
the word gives it further stems: `and`, `with` and `for` before it, a pronoun behind it. So `بريد`
is found by `والبريد` and `بريدك`, and `كلمتك` by `كلمة`. By the commonest patterns of verbs and of
their nouns a word has the stem, too, that both have in common: `أسجل` finds `تسجيل`, `أحذف` finds
`حذف`, and `يشترك` finds `اشتراك`. The browser does the same in `arabic.js`.
"""

import re

# Words that begin like the article, such as `cancellation`, `electronic`, `capture` and `I cancel`.
_NO_ARTICLE = "غاء|كترون|زام|وان|بوم|عاب|مان|تزام|تحاق|تقاط|تماس|تهاب|غي$"
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
# Patterns of verbs and of their nouns, with what both have in common: three letters of the root, or
# the past tense. So the singular of many a plural is found as well (`أسعار`, `سعر`).
_PATTERNS = (
    ("[اتين]([^اويه][^اه][^اويه])", r"\1"),  # أحذف
    ("ت(..)ي(.)", r"\1\2"),  # تسجيل
    ("ا(..)ا(.)", r"\1\2"),  # إرسال
    ("ا(..)اء", r"ا\1"),  # إلغاء
    ("م(..)و(.)", r"\1\2"),  # محذوف
    ("[اتينم](ت?.ا..)", r"\1"),  # أساعد, مساعدة, أتواصل
    ("[اين](ت[^ا]{3})", r"\1"),  # أتحقق
    ("[تين](ست...|.ت..)", r"ا\1"),  # يستخدم, يشترك
    ("(ا(?:ست..|.ت.))ا(.)", r"\1\2"),  # استخدام, اشتراك
    ("ا(.)ا(.)ه?", r"\1ا\2"),  # إضافة
    ("[ايتن](.)ي(.)", r"\1ا\2"),  # أضيف
    ("[ايتن](.ت)(?:يا|ا)(.)", r"ا\1ا\2"),  # أختار, اختيار
    ("[يتن](..)ي", r"ا\1"),  # يلغي
    ("(..)ا(.)ه", r"\1\2"),  # كتابة
)
_VERBS = tuple((re.compile(pattern), common) for pattern, common in _PATTERNS)


def stems(word: str) -> tuple[str, ...]:
    """Return the stems of a word that is lower-cased and folded, the likeliest first."""
    article = _ARTICLE.match(word)
    if article:
        return _with_common([word[article.end() :]])
    begun = [word, *(word[m.end() :] for one in _PARTICLES if (m := one.match(word)))]
    owned = [one[: m.start()] for one in begun if (m := _PRONOUN.search(one))]
    return _with_common([*begun, *owned])


def _with_common(words: list[str]) -> tuple[str, ...]:
    """Return the stems of words, each once, and then what verbs and their nouns have in common.

    Some patterns have an ending, which a stem has not.
    """
    stems = list(map(_without_endings, words))
    either = dict.fromkeys(stems + words)
    common = (m.expand(to) for one in either for verb, to in _VERBS if (m := verb.fullmatch(one)))
    return tuple(dict.fromkeys((*stems, *common)))


def _without_endings(word: str) -> str:
    for ending, least in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= least:
            word = word[: -len(ending)]
    return word
