"""The pages of a site with folders of languages: which is the translation of which."""

from collections.abc import Callable, Iterable
from functools import cache, cached_property

import msgspec

from kbgen.locales import Locales, canonical, name_of

HOMES = ("index.md", "README.md")


class Link(msgspec.Struct, frozen=True):
    """The way to a page in another language, as Material's menu of languages has it."""

    name: str
    link: str
    lang: str


class Translations(msgspec.Struct, frozen=True, dict=True):
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
        return self._links(self.locales.common(source)) if self.locales.folders else []

    @cached_property
    def _links(self) -> Callable[[str], list[Link]]:
        return cache(self._find_links)

    @cached_property
    def _languages(self) -> list[tuple[str, str]]:
        """Return the locales of the site, each with its name for itself."""
        locales = sorted({self.locales.default, *map(canonical, self.locales.folders)})
        return [(locale, name_of(locale) or locale) for locale in locales]

    def _find_links(self, common: str) -> list[Link]:
        known = [self.urls[path] for path in (common, *HOMES) if path in self.urls]
        found = []
        for locale, name in self._languages:
            url = next((urls[locale] for urls in known if locale in urls), None)
            if url is not None:
                found.append(Link(name, url or "./", locale))
        return found if len(found) > 1 else []
