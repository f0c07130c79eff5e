"""Files, navigation and templates of a site, found with the plugins' say."""

import json
import os
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import jinja2
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files, get_files, set_exclusions
from mkdocs.structure.nav import Navigation, get_navigation
from mkdocs.structure.pages import Page

from kbgen import compiling, programs
from kbgen.files import refuse_name, write
from kbgen.mkdocs_bridge.troubles import told


def discover(config: MkDocsConfig, cache: Path) -> tuple[Files, Navigation, jinja2.Environment]:
    """Return files, navigation and templates of the site, after the plugins' say."""
    with told("MkDocs or a plugin failed"):
        return _discover(config, cache)


def _discover(config: MkDocsConfig, cache: Path) -> tuple[Files, Navigation, jinja2.Environment]:
    config.plugins.on_startup(command="build", dirty=False)
    config.plugins.on_config(config)
    config.plugins.on_pre_build(config=config)
    files = get_files(config)
    for name in files.src_uris:
        refuse_name(f"{config.docs_dir}/{name}")
    env = config.theme.get_env()
    env.bytecode_cache = compiling.kept(cache)
    env.auto_reload = False  # templates do not change in the middle of a build,
    env.cache = {}  # and none is forgotten: the order in which they were used is not kept
    env.list_templates = partial(  # type: ignore[method-assign]
        _theme_files, config, cache / "theme-files.json"
    )
    files.add_files_from_theme(env, config)
    files = config.plugins.on_files(files, config=config)
    set_exclusions(files, config)
    nav = config.plugins.on_nav(get_navigation(files, config), config=config, files=files)
    for file in files.documentation_pages():
        if file.page is None:
            Page(None, file, config)
    return files, nav, env


def _theme_files(
    config: MkDocsConfig, cache: Path, filter_func: Callable[[str], bool]
) -> list[str]:
    """Return the files of the theme's folders that `filter_func` takes, sorted.

    Material brings 15,000 icons: the names in installed themes are remembered until the
    installed software changes, or what `filter_func` goes by.
    """
    folders, pages = config.theme.dirs, sorted(config.theme.static_templates)
    key = [programs.installed().hex(), *folders, *pages]
    known = _remembered(cache, key)
    installed = [folder for folder in folders if "-packages" in folder]
    if known is None:
        known = [name for name in _names_below(installed) if filter_func(name)]
        write(cache, json.dumps({"key": key, "names": known}).encode())
    own = _names_below([folder for folder in folders if folder not in installed])
    return sorted({*known, *filter(filter_func, own)})


def _remembered(cache: Path, key: list[str]) -> list[str] | None:
    try:
        found = json.loads(cache.read_bytes())
    except (OSError, ValueError):
        return None
    return found["names"] if found.get("key") == key else None


def _names_below(folders: Iterable[str]) -> set[str]:
    """Return the names of the files below `folders`; MkDocs takes none of those that are hidden."""
    return {
        Path(place, name).relative_to(folder).as_posix()
        for folder in folders
        for place, below, names in os.walk(folder)
        for name in _shown(names, below)
    }


def _shown(names: list[str], below: list[str]) -> list[str]:
    """Return the names, unless hidden; leave hidden folders out of those to be walked."""
    below[:] = [name for name in below if not name.startswith(".")]
    return [name for name in names if not name.startswith(".")]
