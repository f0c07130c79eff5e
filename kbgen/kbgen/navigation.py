"""Material's navigation and table of contents as HTML.

Material renders the whole navigation anew into every page, which is most of the time and of the
bytes of a large site. Here each item is rendered once for a depth in the tree of addresses, and a
page's navigation is put together from these: the way to the page open, the rest closed. Every
article stays reachable by plain links, without JavaScript.
"""

from collections.abc import Callable, Iterable
from html import escape
from re import sub
from typing import Any

import msgspec

from kbgen import fingerprints

ITEM = "md-nav__item"
LINK = "md-nav__link"
LONGEST = 20  # characters of a word that fits into the sidebar by itself
LEFT_OUT = "\0entries\0"
SECTIONS = 64  # of which the navigation is kept; pages are made section by section
ICON = '<span class="md-nav__icon md-icon"></span>'


class Features(msgspec.Struct, frozen=True):
    """The theme's features that shape the navigation."""

    indexes: bool = False
    tabs: bool = False
    sections: bool = False
    expand: bool = False
    prune: bool = True

    @classmethod
    def of(cls, names: Iterable[str], prune: bool) -> "Features":
        """Return the features that `names` (of `theme.features`) switch on."""
        on = {name.removeprefix("navigation.") for name in names}
        flags = {name: name in on for name in ("indexes", "tabs", "sections", "expand")}
        return cls(prune=("prune" in on or prune) and not flags["expand"], **flags)


class Node(msgspec.Struct, eq=False):
    """A page, link or section of the navigation; `path` is the id of its checkbox."""

    label: str
    title: str
    url: str
    path: str
    level: int
    children: list["Node"] = msgspec.field(default_factory=list)
    index: "Node | None" = None
    is_index: bool = False

    @property
    def entries(self) -> list["Node"]:
        """Return what stands below the section: all in it but its own page."""
        return [child for child in self.children if child is not self.index]

    @property
    def first_url(self) -> str:
        """Return the address of the first page below, which a closed section links to."""
        if self.index:
            return self.index.url
        return self.children[0].first_url if self.children else self.url


class _Around(msgspec.Struct, frozen=True):
    """The navigation of all pages of a section: their entries in order, what is on either side.

    `places` says which entry is whose, by the ids of nodes.
    """

    before: str
    entries: list[str]
    after: str
    places: dict[int, int]


def tree(items: Iterable[Any], label: Callable[[Any, Any], str], features: Features) -> "Tree":
    """Return the tree of MkDocs' navigation `items`; `label` makes the HTML of an item's text.

    `label` takes the item whose icon, subtitle and status are shown, and the one whose title is.
    """
    nodes: dict[int, Node] = {}
    parents: dict[int, Node] = {}

    def node_of(item: Any, path: str, level: int) -> Node:
        node = Node(
            label(item, item),
            str(item.title or ""),
            "" if item.children else url_of(item),
            path,
            level,
        )
        nodes[id(item)] = node
        node.is_index = bool(getattr(item, "is_index", False))
        if item.children and getattr(item, "url", None):  # a section that is a page itself
            node.index = nodes[id(item)] = Node(node.label, node.title, item.url, path, level)
            parents[id(node.index)] = node
        for n, child in enumerate(item.children or (), 1):
            below = node_of(child, f"{path}_{n}", level + 1)
            parents[id(below)] = node
            node.children.append(below)
            if features.indexes and below.is_index and node.index is None and not below.children:
                node.index = below
                node.label = label(child, item)
        return node

    tops = [node_of(item, f"__nav_{n}", 1) for n, item in enumerate(items, 1)]
    return Tree(tops, nodes, parents, features)


class Tree(msgspec.Struct):
    """The navigation of a site."""

    tops: list[Node]
    nodes: dict[int, Node]
    parents: dict[int, Node]
    features: Features
    _closed: dict[tuple[int, str], str] = msgspec.field(default_factory=dict)
    _aside: dict[tuple[int, bool], Any] = msgspec.field(default_factory=dict)
    _states: dict[int, str] = msgspec.field(default_factory=dict)
    _around: dict[tuple[int, str], _Around] = msgspec.field(default_factory=dict)

    def render(self, item: Any, base: str, toc: str) -> str:
        """Return the list items of the page `item` (None for a page outside the navigation).

        `base` is the way to the site's root, ending in a slash; `toc` is the page's table of
        contents, shown below its own entry in the drawer. Pages of one section see the same around
        their own entry: that is rendered once for all of them.
        """
        page = self.nodes.get(id(item))
        around = self._around_entries(self.parents.get(id(page)), base)
        if page is None or id(page) not in around.places:
            return self._render(page, self._way(page), base, toc)
        place = around.places[id(page)]
        here = _View(self, base, page, set(), toc).here(page)
        entries = around.entries
        return "".join([around.before, *entries[:place], here, *entries[place + 1 :], around.after])

    def state(self, item: Any, base: str) -> tuple[str, str, str]:
        """Return what changes when the navigation of the page `item` does, its own entry apart."""
        page = self.nodes.get(id(item))
        parent = self.parents.get(id(page)) if page else None
        return self._state(parent), base, page.path if page else ""

    def _state(self, section: Node | None) -> str:
        """Return the state of what the pages in a section show (None: at the top)."""
        if id(section) not in self._states:
            self._states[id(section)] = fingerprints.of(self._shown(section)).hex()
        return self._states[id(section)]

    def _shown(self, section: Node | None) -> list[Any]:
        """Return what pages in a section show beyond what pages above it do: what is below it."""
        if section is None:
            return [self.aside(top, parent_open=False) for top in self.tops]
        above = self.parents.get(id(section))
        view = _View(self, "", None, self._way(section), "")
        below = view.made_from(section, parent_open=above is not None)
        return [self._state(above), section.path, below]

    def _around_entries(self, parent: Node | None, base: str) -> _Around:
        """Return the navigation of the pages in `parent` (None: at the top); few are kept."""
        key = (id(parent), base)
        if key not in self._around:
            if len(self._around) >= SECTIONS:
                del self._around[next(iter(self._around))]
            self._around[key] = self._look_around(parent, base)
        return self._around[key]

    def _look_around(self, parent: Node | None, base: str) -> _Around:
        view = _View(self, base, None, self._way(parent), "")
        nodes = parent.entries if parent else self.tops
        entries = [view.item(node, parent_open=parent is not None) for node in nodes]
        view.left_out = parent
        whole = "".join(view.item(top, parent_open=False) for top in self.tops) if parent else ""
        before, _, after = whole.partition(LEFT_OUT)
        return _Around(before, entries, after, {id(node): n for n, node in enumerate(nodes)})

    def _way(self, node: Node | None) -> set[int]:
        """Return the ids of a node and of all that it is in."""
        way = set()
        while node:
            way.add(id(node))
            node = self.parents.get(id(node))
        return way

    def _render(self, page: Node | None, way: set[int], base: str, toc: str) -> str:
        view = _View(self, base, page, way, toc)
        return "".join(view.item(top, parent_open=False) for top in self.tops)

    def aside(self, node: Node, parent_open: bool) -> Any:
        """Return what the entry of a node is made from on pages that are not below it."""
        key = (id(node), parent_open)
        if key not in self._aside:
            self._aside[key] = _View(self, "", None, set(), "").made_from(node, parent_open)
        return self._aside[key]

    def leaf(self, node: Node, base: str) -> str:
        """Return the entry of a page or link that is not the page shown."""
        key = (id(node), base)
        if key not in self._closed:
            address = href(node.url, base)
            self._closed[key] = (
                f'<li class="{ITEM}"><a href="{address}" class="{LINK}">{node.label}</a></li>\n'
            )
        return self._closed[key]

    def pruned(self, node: Node, base: str) -> str:
        """Return the entry of a closed section: a link to its first page."""
        key = (id(node), base)
        if key not in self._closed:
            address = href(node.first_url, base)
            self._closed[key] = (
                f'<li class="{ITEM} {ITEM}--pruned {ITEM}--nested">'
                f'<a href="{address}" class="{LINK}">{node.label}{ICON}</a></li>\n'
            )
        return self._closed[key]


class _View(msgspec.Struct):
    """The navigation as seen from one page."""

    tree: Tree
    base: str
    page: Node | None
    way: set[int]
    toc: str
    left_out: Node | None = None

    def item(self, node: Node, parent_open: bool) -> str:
        if node is self.page:
            return self.here(node)
        if self.is_closed(node, parent_open):
            closed = self.tree.pruned if node.children else self.tree.leaf
            return closed(node, self.base)
        return self.section(node, id(node) in self.way, self.is_section(node, parent_open))

    def made_from(self, node: Node, parent_open: bool) -> Any:
        """Return what `item` makes the entry of a node from, but for the way to the root.

        Nothing below it may be on the way to the page.
        """
        index = node.index.url if node.index else None
        shape = node.level, bool(node.children), bool(node.entries)
        own = node.label, node.title, node.first_url, node.path, index, shape
        if self.is_closed(node, parent_open):
            return own
        is_open = id(node) in self.way
        return own, [self.tree.aside(child, is_open) for child in node.entries]

    def is_closed(self, node: Node, parent_open: bool) -> bool:
        """Tell whether nothing is shown of what is below a node."""
        pruned = self.tree.features.prune and id(node) not in self.way
        return not node.children or (pruned and not self.is_section(node, parent_open))

    def is_section(self, node: Node, parent_open: bool) -> bool:
        features = self.tree.features
        if features.tabs:
            tab = node.level == 1 and id(node) in self.way
            return tab or (features.sections and node.level == 2 and parent_open)
        return features.sections and node.level == 1

    def section(self, node: Node, is_open: bool, is_section: bool) -> str:
        marks = [
            ITEM,
            f"{ITEM}--active" * is_open,
            f"{ITEM}--section" * is_section,
            f"{ITEM}--nested",
        ]
        children = LEFT_OUT
        if node is not self.left_out:
            children = "".join(self.item(child, is_open) for child in node.entries)
        loose = " md-toggle--indeterminate" * (self.tree.features.expand and not is_open)
        return (
            f'<li class="{" ".join(filter(None, marks))}">'
            f'<input class="md-nav__toggle md-toggle{loose}" type="checkbox" id="{node.path}"'
            f"{' checked' * is_open}>"
            f"{self.heading(node, is_section)}"
            f'<nav class="md-nav" data-md-level="{node.level}" aria-labelledby="{node.path}_label"'
            f' aria-expanded="{str(is_open).lower()}">'
            f'<label class="md-nav__title" for="{node.path}">{ICON}{node.title}</label>'
            f'<ul class="md-nav__list" data-md-scrollfix>\n{children}</ul></nav></li>\n'
        )

    def heading(self, node: Node, is_section: bool) -> str:
        focus = "" if is_section else "0"
        here = f" {LINK}--active" * (node.index is not None and node.index is self.page)
        label = f'for="{node.path}" id="{node.path}_label" tabindex="{focus}"'
        if node.index is None:
            return f'<label class="{LINK}" {label}>{node.label}{ICON}</label>'
        toggle = f'<label class="{LINK}{here}" {label}>{ICON}</label>' if node.entries else ""
        address = href(node.index.url, self.base)
        return (
            f'<div class="{LINK} md-nav__container"><a href="{address}" class="{LINK}{here}">'
            f"{node.label}</a>{toggle}</div>"
        )

    def here(self, node: Node) -> str:
        label = f'<label class="{LINK} {LINK}--active" for="__toc">{node.label}{ICON}</label>'
        address = href(node.url, self.base)
        return (
            f'<li class="{ITEM} {ITEM}--active">'
            '<input class="md-nav__toggle md-toggle" type="checkbox" id="__toc">'
            f'{label if self.toc else ""}<a href="{address}" class="{LINK} {LINK}--active">'
            f"{node.label}</a>{self.toc}</li>\n"
        )


def url_of(item: Any) -> str:
    """Return the address of a page or link; "" of a section without any entries."""
    return str(getattr(item, "url", None) or "")


def href(url: str, base: str) -> str:
    """Return the address of `url` (relative to the root, or absolute) seen from a page."""
    absolute = url.startswith(("/", "#", "?")) or ":" in url.split("/", 1)[0]
    return escape(url if absolute else base + url)


def text_html(title: str) -> str:
    """Return the text of an entry; an element around it only where it may not fit, or has markup.

    Material has one around each, which is a fifth of the navigation's bytes.
    """
    fits = "<" not in title and all(len(word) <= LONGEST for word in title.split())
    return title if fits else f'<span class="md-ellipsis">{title}</span>'


def below_title(entries: Iterable[Any]) -> list[Any]:
    """Return the `entries` of a table of contents without the page's title."""
    found = list(entries)
    return list(found[0].children) if found and found[0].level == 1 else found


def toc_html(entries: Iterable[Any], title: str) -> str:
    """Return the table of contents of `entries`, MkDocs' anchor links, less the page's title."""
    first = below_title(entries)
    inner = (
        f'<label class="md-nav__title" for="__toc">{ICON}{title}</label>'
        '<ul class="md-nav__list" data-md-component="toc" data-md-scrollfix>'
        f"\n{_toc_items(first)}</ul>"
    )
    return (
        f'<nav class="md-nav md-nav--secondary" aria-label="{escape(title)}">'
        f"{inner if first else ''}</nav>"
    )


def _toc_items(entries: Iterable[Any]) -> str:
    return "".join(
        f'<li class="{ITEM}"><a href="{entry.url}" class="{LINK}">{text_html(entry.title)}</a>'
        f"{_toc_below(entry)}</li>\n"
        for entry in entries
    )


def _toc_below(entry: Any) -> str:
    if not entry.children:
        return ""
    label = escape(sub(r"<[^>]+>", "", entry.title))
    return (
        f'<nav class="md-nav" aria-label="{label}"><ul class="md-nav__list">'
        f"{_toc_items(entry.children)}</ul></nav>"
    )
