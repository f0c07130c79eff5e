"""What every page of the site gets besides its own HTML, whichever generator made it."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from hashlib import blake2b
from html import escape
from itertools import count
from urllib.parse import urlsplit

import msgspec

from kbgen.articles import Published
from kbgen.locales import canonical, is_right_to_left

FOLDER = "assets/kb"
ERROR_PAGES = ("404.html", "403.html", "500.html")
_BEGIN, _END = "<!--kb-->", "<!--/kb-->"
_MARKED = re.compile(f"{_BEGIN}.*?{_END}", re.DOTALL)
_HEADER = '<nav class="md-header__inner'
_SEARCH_TOGGLE = '<label class="md-header__button md-icon" for="__search">'
_SEARCH_BOX = '<div class="md-search" data-md-component="search"'
_HTML_TAG = re.compile(r"<html\b[^>]*>")
_BODY_DIR = re.compile(r'(<body\b[^>]*\bdir=")(?:ltr|rtl)(")')
_SCRIPT = "<script>"
_SETTINGS = '<script id="__config" type="application/json">'
_ARTICLE_END = "</article>"
_UNSEEN = re.compile(r'(<input class="md-option"[^>]* aria-hidden="true")')
_TASK = re.compile(  # in a list whose items are paragraphs the paragraph names the box
    r"(<li\b(?=[^>]*\btask-list-item\b)(?:[^>]*>\s*<p)?)(?![^>]*\bid=)"
    r"([^>]*>\s*(?:<label\b[^>]*>)?<input\b)"
)
_CONTENT = re.compile(r"<article\b|<main\b(?!.*<article\b)", re.DOTALL)
_OTHER_END = re.compile(r"</main>|</body>")
_FONT_LINKS = re.compile(
    r"<link\b[^>]*https://fonts\.(?:gstatic|googleapis)\.com[^>]*>\s*(?:<style>:root\{--md-text-font[^<]*</style>)?"
)
_EMOJI = re.compile(r'<img\b(?=[^>]*class="(?:twemoji|gemoji|emojione)")(?=[^>]*"https?:)[^>]*>')
_ALT = re.compile(r'\balt="([^"]*)"')
_REPOSITORY = ' data-md-component="source"'
_DIAGRAM = re.compile(r'(<(?:pre|div|code)\b[^>]*class=")mermaid(")')


class Assets(msgspec.Struct, frozen=True):
    """The scripts and styles of a locale: their addresses from the site's root, in load order."""

    styles: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()


class Furniture(msgspec.Struct, frozen=True):
    """What is the same on every page of a locale: assets, search button, a heading."""

    assets: Assets
    button: str = ""
    related: str = "Related articles"


class PageFacts(msgspec.Struct, frozen=True):
    """What the scripts of a page know of it; `article` is None on pages that are no article.

    Where a translation is missing, `locale` is the language that the reader chose, and the
    article's is another.
    """

    base: str
    locale: str
    article: Published | None = None
    collector: str = ""
    contact: str = ""
    related: tuple[tuple[str, str], ...] = ()
    form: str = ""
    reply: str = ""
    scripts: tuple[str, ...] = ()

    @property
    def foreign(self) -> str:
        """Return the article's locale when it is not the page's, else ""."""
        own = self.article.article.locale if self.article else self.locale
        return "" if own == self.locale else own


def hashed(name: str, content: bytes) -> str:
    """Return the address of an asset: its name with a hash of its content before the suffix."""
    stem, dot, suffix = name.rpartition(".")
    return f"{FOLDER}/{stem}.{blake2b(content, digest_size=4).hexdigest()}{dot}{suffix}"


def marked(addition: str) -> str:
    """Return `addition` between marks by which `stripped` finds it again, "" for nothing."""
    return f"{_BEGIN}{addition}{_END}" if addition else ""


def stripped(html: str) -> str:
    """Return the page without what was put into it before."""
    return _MARKED.sub("", html)


def inject(html: str, facts: PageFacts, furniture: Furniture) -> str:
    """Return the page with our head, search button, related articles and form in it."""
    html = with_locale(html, facts.locale)
    html = without_foreign_search(html)
    html = without_unseen_controls(html)
    html = with_named_tasks(html)
    if furniture.button:
        html = with_button(html, marked(furniture.button))
    if facts.foreign:
        html = with_foreign_article(html, facts.foreign)
    if facts.article:
        html = before_article_end(html, marked(_at_end(facts, furniture)))
    return html.replace("</head>", marked(head(facts, furniture.assets)) + "</head>", 1)


def _at_end(facts: PageFacts, furniture: Furniture) -> str:
    return facts.reply + related_list(facts, furniture.related) + facts.form


def head(facts: PageFacts, assets: Assets) -> str:
    """Return the tags that go before `</head>`: facts first, then styles, then scripts."""
    article = facts.article
    metas = {
        "kb:page": article and article.article.id,
        "kb:revision": article and article.revision,
        "kb:locale": facts.locale,
        "kb:article-locale": facts.foreign,
        "kb:base": facts.base,
        "kb:words": article and str(article.words),
        # Only pages for what does not exist are shown at any depth and need an absolute way.
        "kb:notfound": "1" if facts.base.startswith("/") else "",
        "kb:collector": facts.collector,
        "kb:contact": facts.contact,
    }
    lines = [
        f'<meta name="{name}" content="{escape(text)}">' for name, text in metas.items() if text
    ]
    lines += [f'<link rel="stylesheet" href="{facts.base}{path}">' for path in assets.styles]
    scripts = (*assets.scripts, *facts.scripts)
    lines += [f'<script defer src="{facts.base}{path}"></script>' for path in scripts]
    return "\n".join(lines) + "\n"


def with_locale(html: str, locale: str) -> str:
    """Return the page declared to be in `locale`, with the matching direction of text."""
    html = _HTML_TAG.sub(lambda tag: _with_lang(tag.group(), locale), html, count=1)
    return _BODY_DIR.sub(rf"\g<1>{_direction(locale)}\g<2>", html, count=1)


def with_foreign_article(html: str, locale: str) -> str:
    """Return the page with its article declared to be in `locale`, as the rest is not."""
    tag = _CONTENT.search(html)
    return html if tag is None else f"{html[: tag.end()]}{_language(locale)}{html[tag.end() :]}"


def without_foreign_search(html: str) -> str:
    """Return the page without the generator's own search, which ours replaces.

    Its box stays, hidden and without what Material's script knows it by, so nothing is loaded; its
    words go from the settings that Material's script reads.
    """
    html = html.replace(_SEARCH_BOX, '<div class="md-search" hidden', 1)
    start, end = _first(html, _SEARCH_TOGGLE, "</label>")
    html = html[:start] + html[end:]
    start, end = _first(html, _SETTINGS, "</script>")
    settings = html[start + len(_SETTINGS) : end - len("</script>")]
    return (
        html[:start] + _SETTINGS + _lighter(settings) + html[end - len("</script>") :]
        if end
        else html
    )


@lru_cache(maxsize=256)
def _lighter(settings: str) -> str:
    """Return the JSON that Material's script reads without the words of its search."""
    try:
        found = msgspec.json.decode(settings)
        words = found["translations"].items()
    except (msgspec.DecodeError, TypeError, KeyError, AttributeError):
        return settings
    found["translations"] = {key: text for key, text in words if not key.startswith("search.")}
    return msgspec.json.encode(found).decode().replace("<", "\\u003c")


def without_unseen_controls(html: str) -> str:
    """Return the page with the palettes that nobody can choose out of the keyboard's way, too."""
    return _UNSEEN.sub(r'\1 tabindex="-1"', html)


def with_named_tasks(html: str) -> str:
    """Return the page with the boxes of task lists named by what stands beside them."""
    if "task-list-item" not in html:
        return html
    names = (f"kb-task-{number}" for number in count(1))
    return _TASK.sub(lambda task: _named(task, next(names)), html)


def _named(task: re.Match[str], name: str) -> str:
    return f'{task[1]} id="{name}"{task[2]} aria-labelledby="{name}"'


def with_button(html: str, button: str) -> str:
    """Return the page with the search button at the end of Material's header, if it has one.

    On other themes the search script puts its button into the page.
    """
    start, end = _first(html, _HEADER, "</nav>")
    if not end:
        return html
    source = html.find('<div class="md-header__source">', start, end)
    at = source if source >= 0 else end - len("</nav>")
    return f"{html[:at]}{button}{html[at:]}"


def before_article_end(html: str, addition: str) -> str:
    """Return the page with `addition` as the last thing in its article."""
    at = html.rfind(_ARTICLE_END)
    if at < 0:
        other = _OTHER_END.search(html)
        if other is None:
            return html
        at = other.start()
    return f"{html[:at]}{addition}{html[at:]}"


def _first(html: str, opening: str, closing: str) -> tuple[int, int]:
    """Return where the first piece from `opening` to `closing` begins and ends, 0, 0 if nowhere.

    A page is many times sooner looked through for plain texts than for a pattern.
    """
    start = html.find(opening)
    end = html.find(closing, start) if start >= 0 else -1
    return (start, end + len(closing)) if end >= 0 else (0, 0)


def related_list(facts: PageFacts, heading: str) -> str:
    """Return the list of related articles, "" when there are none."""
    if not facts.related:
        return ""
    items = "".join(
        f'<li><a href="{escape(facts.base + url)}">{escape(title)}</a></li>'
        for title, url in facts.related
    )
    language = _language(facts.locale) if facts.foreign else ""
    title = f'<p class="kb-related__title"{language}><strong>{escape(heading)}</strong></p>'
    return f'<nav class="kb-related" aria-label="{escape(heading)}">{title}<ul>{items}</ul></nav>\n'


def without_foreign_requests(html: str, keep_fonts: bool, keep_diagrams: bool) -> str:
    """Return the page without what would make a browser ask servers other than the site's own.

    These are Google's fonts, the repository's star count, emoji that Python-Markdown's extensions
    show as pictures from a CDN (their characters take their place), and Mermaid, which Material
    fetches from a CDN unless the site brings it along: a diagram is then shown as its source.
    """
    if not keep_fonts and "https://fonts." in html:
        html = _FONT_LINKS.sub("", html)
    if not keep_diagrams and "mermaid" in html:
        html = _DIAGRAM.sub(r"\1kb-diagram\2", html)
    if "emoji" in html:
        html = _EMOJI.sub(_as_character, html)
    return html.replace(_REPOSITORY, "")


def _as_character(image: re.Match[str]) -> str:
    alt = _ALT.search(image.group())
    return alt[1] if alt else ""


def without_inline_scripts(html: str, base: str) -> tuple[str, dict[str, bytes]]:
    """Return the page with its inline scripts moved to files, and these files.

    So the site works under a Content-Security-Policy that forbids inline scripts.
    """
    files: dict[str, bytes] = {}
    pieces = []
    before, opening, after = html.partition(_SCRIPT)
    while opening:
        script, closing, rest = after.partition("</script>")
        if not closing:
            break
        path, content = _script_file(script)
        files[path] = content
        pieces += [before, f'<script src="{base}{path}"></script>']
        before, opening, after = rest.partition(_SCRIPT)
    return "".join([*pieces, before, opening, after]), files


@lru_cache(maxsize=256)  # a theme puts the same few scripts into each page
def _script_file(script: str) -> tuple[str, bytes]:
    content = script.strip().encode()
    return hashed("inline.js", content), content


def base_of_template(path: str, site_url: str) -> str:
    """Return the way to the root from a page that is no article.

    Error pages, on top or in the folder of a language, are shown anywhere.
    """
    folder, _, name = path.rpartition("/")
    if name in ERROR_PAGES and (not folder or canonical(folder)):
        return urlsplit(site_url or "/").path.rstrip("/") + "/"
    return "../" * path.count("/") or "./"


def base_of(url: str) -> str:
    """Return the way from the page at `url` (relative to the root) to the root, `./` on it."""
    return "../" * url.count("/") or "./"


def assets_of(files: Mapping[str, bytes], order: Iterable[str] = ()) -> Assets:
    """Return the addresses of `files` (name to bytes), styles apart from scripts, in order."""
    names = list(order) or list(files)
    paths = [hashed(name, files[name]) for name in names]
    return Assets(
        styles=tuple(path for path in paths if path.endswith(".css")),
        scripts=tuple(path for path in paths if path.endswith(".js")),
    )


def _language(locale: str) -> str:
    """Return the attributes of an element in `locale`, a space before each."""
    return f' lang="{escape(locale)}" dir="{_direction(locale)}"'


def _direction(locale: str) -> str:
    return "rtl" if is_right_to_left(locale) else "ltr"


def _with_lang(tag: str, locale: str) -> str:
    bare = re.sub(r'\s(?:lang|dir)=(?:"[^"]*"|[^\s>]+)', "", tag)
    direction = ' dir="rtl"' if is_right_to_left(locale) else ""
    return f'<html lang="{escape(locale)}"{direction}{bare[len("<html") :]}'
