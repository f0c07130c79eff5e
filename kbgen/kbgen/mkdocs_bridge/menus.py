"""MkDocs' navigation: as HTML, and as facts that pages depend on."""

from collections.abc import Callable, Mapping
from typing import Any

import jinja2
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.nav import Navigation, Section
from mkdocs.structure.pages import Page
from mkdocs.utils import dirname_to_title

from kbgen import navigation
from kbgen.injection import base_of
from kbgen.mkdocs_bridge.troubles import missing_icon


def way_to(page: Page) -> list[str]:
    """Return the titles of the navigation's sections that the page is in, the top one first."""
    return [str(section.title) for section in reversed(list(page.ancestors))]


def name_languages(nav: Navigation, names: Mapping[str, str]) -> None:
    """Give sections of folders the names that their languages have for themselves.

    `names` are by folder. It is for a navigation that MkDocs has made from the folders.
    """
    titles = {dirname_to_title(folder): name for folder, name in names.items()}
    for item in nav.items:
        if isinstance(item, Section) and item.title in titles:
            item.title = titles[item.title]


def navigation_tree(
    nav: Navigation, config: MkDocsConfig, env: jinja2.Environment, prune: bool
) -> navigation.Tree:
    """Return the site's navigation, ready to be rendered for any page."""
    features = navigation.Features.of(config.theme.get("features") or (), prune)
    return navigation.tree(nav.items, _labeller(config, env), features)


def _labeller(config: MkDocsConfig, env: jinja2.Environment) -> Callable[[Any, Any], str]:
    statuses = config.extra.get("status") or {}

    def icon(page: Page) -> str:
        name = page.meta["icon"]
        try:
            return env.get_template(f".icons/{name}.svg").render()
        except jinja2.TemplateNotFound as error:
            raise missing_icon(page, name) from error

    def status(name: str) -> str:
        title = f' title="{statuses[name]}"' if name in statuses else ""
        return f'<span class="md-status md-status--{name}"{title}></span>'

    def label(item: Any, named: Any) -> str:
        facts = getattr(item, "meta", None) or {}
        if not any(facts.get(name) for name in ("icon", "subtitle", "status")):
            return navigation.text_html(str(named.title))
        parts = [
            icon(item) if facts.get("icon") else "",
            '<span class="md-ellipsis">',
            str(named.title),
            f"<br><small>{facts['subtitle']}</small>" if facts.get("subtitle") else "",
            "</span>",
            status(facts["status"]) if facts.get("status") else "",
        ]
        return "".join(parts)

    return label


def add_navigation(
    env: jinja2.Environment, nav: Navigation, config: MkDocsConfig, prune: bool
) -> None:
    """Give the theme's templates the functions that make navigation and table of contents."""
    tree = navigation_tree(nav, config, env, prune)
    title = (config.mdx_configs.get("toc") or {}).get("title") or ""

    def toc(page: Page | None, heading: str) -> str:
        return navigation.toc_html(page.toc if page else (), title or heading)

    def nav_html(page: Page | None, base_url: str, heading: str) -> str:
        base = base_url.rstrip("/") + "/"
        return tree.render(
            page, base, toc(page, heading) if page and navigation.below_title(page.toc) else ""
        )

    def state(page: Page) -> tuple[str, str, str]:
        return tree.state(page, base_of(page.url))

    if "section-index" in config.plugins:
        env.get_template("partials/nav-item.html")  # the plugin warns when it is not asked for
    env.globals.update(kb_nav=nav_html, kb_toc=toc, kb_nav_state=state)


def page_facts(page: Page) -> list[Any]:
    """Return what templates show of a page and of those next to it."""
    near = [page.previous_page, page.next_page, *page.ancestors]
    return [
        (page.title, page.url, page.canonical_url, page.edit_url, page.is_homepage),
        page.meta,
        [item and (str(item.title), _first_url(item)) for item in near],
    ]


def outline(nav: Navigation) -> list[Any]:
    """Return titles and addresses of the whole navigation."""
    return [_outlined(item) for item in nav.items]


def _outlined(item: Any) -> list[Any]:
    below = [_outlined(child) for child in item.children or ()]
    return [str(item.title), "" if below else navigation.url_of(item), below]


def _first_url(item: Any) -> str:
    return _first_url(item.children[0]) if item.children else navigation.url_of(item)


def navigation_state(env: jinja2.Environment, page: Page) -> tuple[str, str, str]:
    """Return what changes when the navigation that the page shows does."""
    state: tuple[str, str, str] = env.globals["kb_nav_state"](page)  # type: ignore[operator]
    return state
