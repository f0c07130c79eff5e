"""The pages of a site with folders of languages: which is the translation of which."""

from collections.abc import Iterable

import msgspec

from kbgen.locales import Locales, canonical, name_of

HOMES = ("index.md", "README.md")


class Link(msgspec.Struct, frozen=True):
    """The way to a page in another language, as Material's menu of languages has it."""

    name: str
    link: str
    lang: str


class Translations(msgspec.Struct, frozen=True):
    """The addresses of pages by locale, by the path that translations have in common."""

    locales: Locales
    urls: dict[str, dict[str, str]] = {}

    @classmethod
    def of(cls, locales: Locales, pages: Iterable[tuple[str, str]]) -> "Translations":
        """Return the translations among `pages`, given as source and address.

        A page in the folder of its language goes before one outside.
        """
        found: dict[str, dict[str, str]] = {}
        outside_first = sorted(pages, key=lambda page: locales.common(page[0]) != page[0])
        for source, url in outside_first if locales.folders else ():
            found.setdefault(locales.common(source), {})[locales.of(source)] = url
        return cls(locales, found)

    def links(self, source: str = "") -> list[Link]:
        """Return the ways from a page to its translations, by language; [] when there are none.

        Where there is no translation, the way leads to the beginning of that language, if it has
        one.
        """
        own = self.urls.get(self.locales.common(source), {})
        homes = [self.urls[name] for name in HOMES if name in self.urls]
        locales = sorted({self.locales.default, *map(canonical, self.locales.folders)})
        found = []
        for locale in locales:
            urls = (urls[locale] for urls in (own, *homes) if locale in urls)
            if (url := next(urls, None)) is not None:
                found.append(Link(name_of(locale) or locale, url or "./", locale))
        return found if len(found) > 1 else []
