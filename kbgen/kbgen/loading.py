"""A project loaded into MkDocs' objects, ready for the pipeline."""

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from markdown.util import get_installed_extensions
from mkdocs.config.defaults import MkDocsConfig

from kbgen import fingerprints, mkdocs_bridge, programs, safety
from kbgen.messages import replay
from kbgen.project import Places, Wish, icon_folders, load
from kbgen.workshop import Workshop

if TYPE_CHECKING:
    from kbgen.plugin import KbgenPlugin


class Loaded(msgspec.Struct):
    """A project with its settings read; `careful` says why MkDocs itself must build it, or ""."""

    file: Path
    wish: Wish
    config: MkDocsConfig
    plugin: "KbgenPlugin"
    places: Places
    settings_hash: bytes
    careful: str
    code: list[str]


def open_project(file: Path, wish: Wish) -> Loaded:
    """Read the settings of the project of `file`; KbError when they cannot be used."""
    config, warnings = load(file, wish)
    replay(warnings)
    code = own_code(config)
    icons = _icons(config)
    mkdocs_bridge.renew_icons(icons)
    loaded = [programs.loaded(path) for path in code]
    settings_hash = fingerprints.of(programs.installed(), _settings(config), loaded, icons)
    careful = safety.reason_for_care(config.plugins, config.plugins.events, map(str, config.hooks))
    plugin: KbgenPlugin = config.plugins["kbgen"]  # type: ignore[assignment]
    places = Places(file.parent, Path(config.site_dir))
    return Loaded(file, wish, config, plugin, places, settings_hash, careful, code)


def _icons(config: MkDocsConfig) -> bytes:
    """Return the hash of the site's own icons, each of which is read for the first page alone."""
    return fingerprints.of(fingerprints.contents(map(Path, icon_folders(config)), (".svg",)))


def own_code(config: MkDocsConfig) -> list[str]:
    """Return the files of Markdown extensions, functions and plugins that are not installed."""
    short = {entry.name: entry.module for entry in get_installed_extensions()}
    extensions = [str(name).partition(":")[0] for name in config.markdown_extensions]
    plugins = [plugin for name, plugin in config.plugins.items() if name != "kbgen"]
    options = [getattr(plugin, "config", {}) for plugin in plugins]
    names = (short.get(name, name) for name in extensions)
    return programs.own([*names, *programs.named([config.mdx_configs, plugins, options])])


def discover(loaded: Loaded) -> Workshop:
    """Find the project's files and navigation, with MkDocs' events along the way."""
    config, plugin = loaded.config, loaded.plugin
    plugin.driven = True
    files, nav, env = mkdocs_bridge.discover(config, loaded.places.cache)
    settings_hash = fingerprints.of(loaded.settings_hash, safety.states(config.plugins))
    return Workshop(config, files, nav, env, plugin.edition, settings_hash)


def _settings(config: MkDocsConfig) -> dict[str, object]:
    """Return the settings that shape single pages, as far as they are plain values."""
    shaping = {
        key: value
        for key, value in config.items()
        if key not in ("nav", "site_dir", "plugins", "theme", "strict", "config_file_path", "hooks")
    }
    plugins = {name: dict(getattr(plugin, "config", {})) for name, plugin in config.plugins.items()}
    theme = {key: config.theme[key] for key in config.theme}
    return {**shaping, "plugins": plugins, "theme": theme, "theme.name": config.theme.name}
