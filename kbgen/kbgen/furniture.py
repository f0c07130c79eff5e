"""The readers' interface that is put into pages: search dialog, feedback form, related articles."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from kbgen.articles import Published
from kbgen.injection import Furniture, assets_of, hashed
from kbgen_feedback import widget as feedback
from kbgen_search import assets
from kbgen_search.browser import dialog, scripts

THEME = Path(__file__).parent / "theme" / "kb-theme.css"
RELATED = {
    "ar": "مقالات ذات صلة",
    "de": "Verwandte Artikel",
    "en": "Related articles",
    "es": "Artículos relacionados",
    "fr": "Articles liés",
    "id": "Artikel terkait",
    "it": "Articoli correlati",
    "ja": "関連記事",
    "ko": "관련 문서",
    "nl": "Verwante artikelen",
    "pt": "Artigos relacionados",
    "ru": "Похожие статьи",
    "th": "บทความที่เกี่ยวข้อง",
    "tr": "İlgili makaleler",
    "zh": "相关文章",
}


def related_heading(locale: str) -> str:
    """Return the heading of the related articles in `locale`, English when there is none."""
    return RELATED.get(locale.partition("-")[0], RELATED["en"])


class Kind(NamedTuple):
    """What the pages of a site have besides the search: the question, and what is kept offline."""

    widget: bool = False
    worker: bool = False


@cache
def files_of(locale: str, kind: Kind) -> Mapping[str, bytes]:
    """Return the scripts and styles of pages in `locale`, name to bytes, in load order.

    The texts come first; the scripts that follow find them.
    """
    texts = {"dialog": dialog.strings(locale)}
    files = {THEME.name: THEME.read_bytes(), **assets.files((locale,))}
    if kind.widget:
        texts["widget"] = feedback.strings(locale)
        files.update(feedback.files())
    if kind.worker:
        files["kb-offline.js"] = assets.offline()
    name = f"kb-strings-{locale}.js"
    return {name: scripts.strings_script(locale, texts), **_without(files, name)}


def _without(files: Mapping[str, bytes], name: str) -> dict[str, bytes]:
    return {other: content for other, content in files.items() if other != name}


@cache
def furniture_of(locale: str, kind: Kind) -> Furniture:
    """Return what every page in `locale` is furnished with."""
    return Furniture(
        assets_of(files_of(locale, kind)), dialog.button_html(locale), related_heading(locale)
    )


def form_of(article: Published, collector: str) -> str:
    """Return the question whether the article helped, to stand at its end."""
    found = article.article
    return feedback.form_html(found.id, article.revision, found.locale, collector)


def asset_files(locales: frozenset[str], kind: Kind) -> dict[str, bytes]:
    """Return the assets of a site in `locales`: path from its root to bytes."""
    files = {
        hashed(name, content): content
        for locale in sorted(locales)
        for name, content in files_of(locale, kind).items()
    }
    return files | {assets.WORKER: assets.worker()} if kind.worker else files
