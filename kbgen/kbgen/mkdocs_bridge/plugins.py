"""Plugins and settings: what is switched off, what a translation is."""

from collections.abc import Iterable
from pathlib import Path

import jinja2
from mkdocs.commands import build
from mkdocs.config import config_options
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort, BuildError
from mkdocs.structure.files import Files

from kbgen.mkdocs_bridge.troubles import place_of, told


def drop_plugins(config: MkDocsConfig, names: Iterable[str]) -> list[str]:
    """Remove the plugins `names` and their events from `config`; return those that were there."""
    gone = [name for name in names if name in config.plugins]
    for name in gone:
        plugin = config.plugins.pop(name)
        for methods in config.plugins.events.values():
            methods[:] = [
                method for method in methods if getattr(method, "__self__", None) is not plugin
            ]
    return gone


def forget_hooks() -> None:
    """Have hooks loaded again with the next settings: MkDocs keeps them as long as a process."""
    config_options.Hooks._load_hook.cache_clear()


def builds_translations(config: MkDocsConfig) -> bool:
    """Tell whether a plugin is building one of the site's further languages just now."""
    return bool(getattr(config.plugins.get("i18n"), "building", False))


def language_folder(config: MkDocsConfig) -> str:
    """Return the folder of the language that is being built, where a plugin builds several."""
    return str(getattr(config.plugins.get("i18n"), "current_language", ""))


def theme_language(config: MkDocsConfig) -> str:
    """Return the language that the theme is set to."""
    return str(config.theme.get("language") or config.theme.get("locale") or "en")


def end_build(config: MkDocsConfig, site: Path) -> bool:
    """Let plugins do what they do when a site is made, in the folder `site`; tell whether any did.

    Ours has nothing to do then.
    """
    config.site_dir = str(site)
    with told("a plugin failed"):
        config.plugins.on_post_build(config=config)
    return any(
        getattr(method, "__self__", None) is not config.plugins.get("kbgen")
        for method in config.plugins.events["post_build"]
    )


def make_ready(config: MkDocsConfig, env: jinja2.Environment, files: Files) -> jinja2.Environment:
    """Return the templates after the plugins' say, once all pages are rendered."""
    with told("a plugin or template failed"):
        ready: jinja2.Environment = config.plugins.on_env(env, config=config, files=files)
        return ready


def whole_build(config: MkDocsConfig) -> None:
    """Let MkDocs build the site into `config.site_dir`."""
    with told("a plugin or template failed"):
        try:
            config.plugins.on_startup(command="build", dirty=False)
            _build(config)
        finally:
            config.plugins.on_shutdown()


def _build(config: MkDocsConfig) -> None:
    """Build; what MkDocs itself ends a build for, it has logged, but not which hook it is from."""
    try:
        build.build(config)
    except Abort as end:
        cause = end.__context__
        if isinstance(cause, BuildError) and place_of(cause):
            raise cause from None
