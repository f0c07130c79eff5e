"""Which language an article is in."""

import re
from collections.abc import Iterable

import msgspec

ISO_639_1 = frozenset(
    [
        "aa",
        "ab",
        "ae",
        "af",
        "ak",
        "am",
        "an",
        "ar",
        "as",
        "av",
        "ay",
        "az",
        "ba",
        "be",
        "bg",
        "bi",
        "bm",
        "bn",
        "bo",
        "br",
        "bs",
        "ca",
        "ce",
        "ch",
        "co",
        "cr",
        "cs",
        "cu",
        "cv",
        "cy",
        "da",
        "de",
        "dv",
        "dz",
        "ee",
        "el",
        "en",
        "eo",
        "es",
        "et",
        "eu",
        "fa",
        "ff",
        "fi",
        "fj",
        "fo",
        "fr",
        "fy",
        "ga",
        "gd",
        "gl",
        "gn",
        "gu",
        "gv",
        "ha",
        "he",
        "hi",
        "ho",
        "hr",
        "ht",
        "hu",
        "hy",
        "hz",
        "ia",
        "id",
        "ie",
        "ig",
        "ii",
        "ik",
        "io",
        "is",
        "it",
        "iu",
        "ja",
        "jv",
        "ka",
        "kg",
        "ki",
        "kj",
        "kk",
        "kl",
        "km",
        "kn",
        "ko",
        "kr",
        "ks",
        "ku",
        "kv",
        "kw",
        "ky",
        "la",
        "lb",
        "lg",
        "li",
        "ln",
        "lo",
        "lt",
        "lu",
        "lv",
        "mg",
        "mh",
        "mi",
        "mk",
        "ml",
        "mn",
        "mr",
        "ms",
        "mt",
        "my",
        "na",
        "nb",
        "nd",
        "ne",
        "ng",
        "nl",
        "nn",
        "no",
        "nr",
        "nv",
        "ny",
        "oc",
        "oj",
        "om",
        "or",
        "os",
        "pa",
        "pi",
        "pl",
        "ps",
        "pt",
        "qu",
        "rm",
        "rn",
        "ro",
        "ru",
        "rw",
        "sa",
        "sc",
        "sd",
        "se",
        "sg",
        "si",
        "sk",
        "sl",
        "sm",
        "sn",
        "so",
        "sq",
        "sr",
        "ss",
        "st",
        "su",
        "sv",
        "sw",
        "ta",
        "te",
        "tg",
        "th",
        "ti",
        "tk",
        "tl",
        "tn",
        "to",
        "tr",
        "ts",
        "tt",
        "tw",
        "ty",
        "ug",
        "uk",
        "ur",
        "uz",
        "ve",
        "vi",
        "vo",
        "wa",
        "wo",
        "xh",
        "yi",
        "yo",
        "za",
        "zh",
        "zu",
    ]
)
# What the languages call themselves: those that the search dialog speaks, and neighbours of theirs.
_NAMES = {
    "ar": "العربية",
    "bg": "Български",
    "bn": "বাংলা",
    "ca": "Català",
    "cs": "Čeština",
    "da": "Dansk",
    "de": "Deutsch",
    "el": "Ελληνικά",
    "en": "English",
    "es": "Español",
    "fa": "فارسی",
    "fi": "Suomi",
    "fr": "Français",
    "he": "עברית",
    "hi": "हिन्दी",
    "hu": "Magyar",
    "id": "Bahasa Indonesia",
    "it": "Italiano",
    "ja": "日本語",
    "ko": "한국어",
    "ms": "Bahasa Melayu",
    "nl": "Nederlands",
    "no": "Norsk",
    "pl": "Polski",
    "pt": "Português",
    "ro": "Română",
    "ru": "Русский",
    "sv": "Svenska",
    "th": "ไทย",
    "tr": "Türkçe",
    "uk": "Українська",
    "ur": "اردو",
    "vi": "Tiếng Việt",
    "zh": "中文",
    "zh-Hans": "简体中文",
    "zh-Hant": "繁體中文",
}
_TAG = re.compile(r"([a-z]{2})(?:[-_]([A-Za-z]{4}))?(?:[-_]([A-Za-z]{2}|\d{3}))?")
RIGHT_TO_LEFT = frozenset({"ar", "dv", "fa", "he", "ku", "ps", "sd", "ug", "ur", "yi"})


def canonical(tag: str) -> str:
    """Return `tag` as BCP 47 writes it (`pt_br` is `pt-BR`), or "" when it names no language."""
    match = _TAG.fullmatch(tag)
    if not match or match[1] not in ISO_639_1:
        return ""
    script, region = match[2], match[3]
    return "-".join(
        part for part in (match[1], script and script.title(), region and region.upper()) if part
    )


def name_of(locale: str) -> str:
    """Return what a language calls itself, with its region if any; "" when that is not known."""
    if locale in _NAMES:
        return _NAMES[locale]
    language, _, rest = locale.partition("-")
    return f"{_NAMES[language]} ({rest})" if language in _NAMES else ""


def is_right_to_left(locale: str) -> bool:
    """Tell whether `locale` is written from right to left."""
    return locale.partition("-")[0] in RIGHT_TO_LEFT


class Locales(msgspec.Struct, frozen=True):
    """The site's default language, and the folders whose name is their language."""

    default: str
    folders: frozenset[str] = frozenset()

    @classmethod
    def found_in(cls, sources: Iterable[str], default: str, infer: bool) -> "Locales":
        """Return the locales of a site of `sources` (paths under the docs folder).

        A top folder is a language's when its name is a language tag and there are at least two
        such folders: one alone may well be about something called `it` or `id`.
        """
        tops = {source.split("/", 1)[0] for source in sources if "/" in source} if infer else set()
        folders = frozenset(top for top in tops if canonical(top))
        return cls(canonical(default) or "en", folders if len(folders) > 1 else frozenset())

    def folder(self, source: str) -> str:
        """Return the language's folder that a path lies in, "" when it lies in none."""
        top = source.split("/", 1)[0]
        return top if top in self.folders and "/" in source else ""

    def common(self, source: str) -> str:
        """Return the part of a path that an article has in common with its translations."""
        top, _, rest = source.partition("/")
        return rest if top in self.folders and rest else source

    def of(self, source: str, declared: str = "") -> str:
        """Return the locale of the article at `source`; what its front matter declares wins."""
        inferred = canonical(self.folder(source)) or self.default
        return canonical(declared) or inferred
