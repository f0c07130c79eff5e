"""Plugins and settings: what is switched off, what a translation is."""

from collections.abc import Iterable
from pathlib import Path

from mkdocs.commands import build
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort, BuildError

from kbgen_search.errors import KbError


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


def builds_translations(config: MkDocsConfig) -> bool:
    """Tell whether a plugin is building one of the site's further languages just now."""
    return bool(getattr(config.plugins.get("i18n"), "building", False))


def theme_language(config: MkDocsConfig) -> str:
    """Return the language that the theme is set to."""
    return str(config.theme.get("language") or config.theme.get("locale") or "en")


def end_build(config: MkDocsConfig, site: Path) -> bool:
    """Let plugins do what they do when a site is made, in the folder `site`; tell whether any did.

    Ours has nothing to do then.
    """
    config.site_dir = str(site)
    config.plugins.on_post_build(config=config)
    return any(
        getattr(method, "__self__", None) is not config.plugins.get("kbgen")
        for method in config.plugins.events["post_build"]
    )


def whole_build(config: MkDocsConfig) -> None:
    """Let MkDocs build the site into `config.site_dir`."""
    config.plugins.on_startup(command="build", dirty=False)
    try:
        build.build(config)
    except (Abort, BuildError):
        pass  # what is wrong has been logged
    except KbError:
        raise
    except Exception as error:
        raise KbError(f"a plugin or template failed: {type(error).__name__}: {error}") from error
    finally:
        config.plugins.on_shutdown()
