"""The MkDocs plugin: each event calls one plain function of `edition` or `publication`."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import jinja2
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort, PluginError
from mkdocs.plugins import BasePlugin, event_priority
from mkdocs.structure.files import Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page

from kbgen import edition, mkdocs_bridge, publication
from kbgen.injection import ERROR_PAGES, base_of_template
from kbgen.project import Places
from kbgen.settings import PluginOptions, Settings
from kbgen_search.errors import KbError

LAST = -200


class KbgenPlugin(BasePlugin[PluginOptions]):
    """Search, reader's widget and manifest for a site that MkDocs builds.

    `driven` is set by `kbgen build`, whose pipeline does what concerns the whole site itself.
    """

    driven = False
    edition: edition.Edition
    nav: Navigation

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        """Prepare MkDocs' settings; a translation's build goes on with the edition begun."""
        begun = getattr(self, "edition", None)
        self.edition = edition.configure(config, Settings.of(self.config))
        if begun and mkdocs_bridge.builds_translations(config):
            self.edition.go_on(begun)
        return config

    @event_priority(LAST)
    def on_files(self, files: Files, config: MkDocsConfig) -> Files:
        """Find languages, drop what is not needed."""
        with self._told():
            edition.discover(self.edition, files, config)
        return files

    @event_priority(LAST)
    def on_nav(self, nav: Navigation, config: MkDocsConfig, files: Files) -> Navigation:
        """Name the languages in the navigation, and keep it for rendering."""
        edition.name_languages(self.edition, nav, config)
        self.nav = nav
        return nav

    def on_pre_page(self, page: Page, config: MkDocsConfig, files: Files) -> Page:
        """Check that the page can be read."""
        edition.check_encoding(self.edition, page)
        return page

    def on_page_markdown(
        self, markdown: str, page: Page, config: MkDocsConfig, files: Files
    ) -> str:
        """Check the page's front matter."""
        edition.check_front_matter(self.edition, page)
        return markdown

    @event_priority(LAST)
    def on_page_content(self, html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
        """Note the page's article."""
        edition.publish(self.edition, page, html)
        return html

    @event_priority(LAST)
    def on_env(
        self, env: jinja2.Environment, config: MkDocsConfig, files: Files
    ) -> jinja2.Environment:
        """Complete the articles; end the build here when it has found mistakes."""
        if not self.driven:
            edition.arrange(self.edition, mkdocs_bridge.documentation_pages(files))
            if self.edition.broken:
                raise Abort("The site was not built; mend what is named above.")
        mkdocs_bridge.add_navigation(env, self.nav, config, self.edition.settings.prune)
        env.globals.update(
            kb_words=edition.theme_words(self.edition, config, env),
            kb_translations=partial(edition.translations_of, self.edition),
        )
        return env

    @event_priority(LAST)
    def on_post_page(self, output: str, page: Page, config: MkDocsConfig) -> str:
        """Furnish the page."""
        return edition.furnish(self.edition, page, output, page.content or "")

    @event_priority(LAST)
    def on_post_template(self, output: str, template_name: str, config: MkDocsConfig) -> str:
        """Furnish pages that are no article."""
        if not template_name.endswith(".html"):
            return output
        base = base_of_template(template_name, config.site_url or "")
        page = edition.furnish_template(self.edition, output, base)
        if template_name in ERROR_PAGES and mkdocs_bridge.builds_translations(config):
            return self._set_aside(page, template_name, config)
        return page

    @event_priority(LAST)
    def on_post_build(self, config: MkDocsConfig, **_: Any) -> None:
        """Write search, assets and manifest, once all languages are built."""
        if not self.driven and not mkdocs_bridge.builds_translations(config):
            site = edition.site_of(config, self.edition)
            with self._told():
                publication.write(places(config), self.edition, site)

    def _set_aside(self, page: str, name: str, config: MkDocsConfig) -> str:
        """Keep a translated error page for the folder of its language; return nothing to write.

        MkDocs would write it over that of the site's own language.
        """
        self.edition.files[f"{mkdocs_bridge.language_folder(config)}/{name}"] = page.encode()
        return ""

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Let MkDocs say in one line what is wrong inside the block, where it drives the build."""
        try:
            yield
        except KbError as error:
            if self.driven:
                raise
            raise PluginError(str(error)) from error


def places(config: MkDocsConfig) -> Places:
    """Return where the project of `config` keeps what it makes."""
    return Places(Path(config.config_file_path).resolve().parent, Path(config.site_dir))
