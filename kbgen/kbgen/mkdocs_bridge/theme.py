"""Material: our templates over it, and what of it no reader needs."""

import re
import sys
from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path

import jinja2
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files

from kbgen.compiling import THEME
from kbgen.foreign import line_with
from kbgen.messages import meant
from kbgen.mkdocs_bridge.plugins import theme_language
from kbgen_search.errors import KbError

LANGUAGES = "partials/languages"
UNUSED_ASSETS = re.compile(r"assets/(javascripts/(lunr/.*|workers/.*|.*\.map)|stylesheets/.*\.map)")
INSTANT = ("navigation.instant", "navigation.instant.prefetch", "navigation.instant.progress")


def is_material(config: MkDocsConfig) -> bool:
    """Tell whether the site uses Material or a theme that extends it."""
    return any(Path(folder).parts[-2:] == ("material", "templates") for folder in config.theme.dirs)


def add_theme(config: MkDocsConfig) -> None:
    """Put our templates between the site's own overrides and Material's."""
    if (
        is_material(config)
        and "material/typeset" not in config.plugins
        and str(THEME) not in config.theme.dirs
    ):
        own = 1 if config.theme.custom_dir else 0
        config.theme.dirs.insert(own, str(THEME))


class _Menu(tuple[object, ...]):
    """A list of languages that has none and yet is shown."""

    def __bool__(self) -> bool:
        return True


def show_menu_of_languages(config: MkDocsConfig) -> None:
    """Have Material show its menu of languages, which our template fills; a list goes before it."""
    if is_material(config) and not config.extra.get("alternate"):
        config.extra["alternate"] = _Menu()


def check_language(config: MkDocsConfig) -> None:
    """Refuse a language that Material has no words in.

    Raises:
        KbError: it has none in the one that it is set to.
    """
    language = theme_language(config)
    folders = [Path(folder, LANGUAGES) for folder in config.theme.dirs]
    if not is_material(config) or any((one / f"{language}.html").is_file() for one in folders):
        return
    file = Path(config.config_file_path)
    known = sorted({path.stem for folder in folders for path in folder.glob("*.html")})
    remedy = meant(language, known, "give a code such as `en` or `pt-BR`", 0.75)
    line = line_with(file, f"language: {language}") or line_with(file, "language:")
    text = f"the theme has no words in the language `{language}`"
    raise KbError(text, file=file, line=line or None, remedy=remedy)


def translation_of(config: MkDocsConfig, locale: str) -> str:
    """Return the name that the theme has its words in `locale` under, "" when it has none."""
    return _translation(tuple(config.theme.dirs), locale)


@lru_cache(maxsize=256)
def _translation(folders: tuple[str, ...], locale: str) -> str:
    for name in (locale, locale.partition("-")[0]):
        if any(Path(folder, LANGUAGES, f"{name}.html").is_file() for folder in folders):
            return name
    return ""


def theme_words(env: jinja2.Environment, language: str) -> Callable[[str], str]:
    """Return the function from a key to the theme's word for it in `language`, else in English.

    The templates, which have all words in one dictionary, are asked once for each.
    """
    names = [f"{LANGUAGES}/{one}.html" for one in (language, "en")]

    @cache
    def word(key: str) -> str:
        said = (str(env.get_template(name).module.t(key)) for name in names)  # type: ignore[attr-defined]
        return next(filter(None, said), key)

    return word


def use_system_fonts(config: MkDocsConfig) -> bool:
    """Keep Material from asking Google for fonts; tell whether the site had named its own."""
    if not is_material(config):
        return False
    named = config.theme.get("font") not in (False, {"text": "Roboto", "code": "Roboto Mono"})
    config.theme["font"] = False
    return named


def drop_instant_loading(config: MkDocsConfig) -> bool:
    """Switch off Material's loading of pages into pages; tell whether it was on."""
    features = config.theme.get("features") or []
    kept = [name for name in features if name not in INSTANT]
    if len(kept) < len(features):
        config.theme["features"] = kept
    return len(kept) < len(features)


def drop_unused_assets(files: Files) -> None:
    """Leave out Material's search workers and source maps, which no reader needs."""
    for file in list(files):
        if (
            file.src_dir
            and file.src_dir.endswith("templates")
            and UNUSED_ASSETS.fullmatch(file.src_uri)
        ):
            files.remove(file)


@lru_cache(maxsize=1)
def renew_icons(state: bytes) -> None:
    """Have Material forget the icons that it keeps for later pages, unless they are in `state`."""
    if emoji := sys.modules.get("material.extensions.emoji"):
        emoji._load.cache_clear()
        emoji._load_twemoji_index.cache_clear()
        known = emoji.twemoji_db.emoji  # Material adds to it
        for name in [name for name, entry in known.items() if "path" in entry]:
            del known[name]
