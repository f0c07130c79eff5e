"""Our navigation says what Material's says."""

import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st
from kb_support import MakeProject

from kbgen.navigation import Features, tree

ARTICLES = {
    "index.md": "# Home\n\n## One\n\n### Two\n",
    "a/index.md": "# A & B\n",
    "a/x.md": "---\nicon: material/star\nsubtitle: Sub\nstatus: new\n---\n# X\n\n## X one\n",
    "a/deep/y.md": "# Y\n",
    "a/deep/z.md": "# Z\n",
    "b/p.md": "# P\n",
    "b/q.md": "# Q\n",
}
FEATURES = [
    "navigation.prune",
    "navigation.prune, navigation.indexes",
    "navigation.prune, navigation.tabs, navigation.indexes",
    "navigation.prune, navigation.sections",
    "navigation.prune, navigation.tabs, navigation.sections, navigation.indexes",
    "navigation.expand, navigation.indexes",
]
PAGES = ["index.html", "a/index.html", "a/x/index.html", "a/deep/z/index.html", "b/q/index.html"]


def outline(html: str) -> list[tuple[str, ...]]:
    """Every element of the sidebar with what matters of it: classes, text, target, state."""
    soup = BeautifulSoup(html, "lxml")
    sidebar = soup.select_one(".md-sidebar--primary")
    assert sidebar
    found = []
    for tag in sidebar.find_all(["li", "a", "label", "nav", "input", "small"]):
        names = " ".join(sorted(tag.get_attribute_list("class")))
        own = " ".join(tag.get_text(" ").split()) if tag.name in ("a", "label", "small") else ""
        state = str(tag.has_attr("checked")) + str(tag.get("aria-expanded"))
        found.append((tag.name, names, own, str(tag.get("for")), str(tag.get("id")), state))
    return found


def targets(html: str, page: str) -> list[str]:
    from posixpath import dirname, join, normpath

    soup = BeautifulSoup(html, "lxml")
    links = soup.select(".md-sidebar--primary a[href]")
    plain = [str(link["href"]).partition("#") for link in links]
    return [normpath(join(dirname(page), path)) + hash_ + id_ for path, hash_, id_ in plain]


@pytest.mark.parametrize("features", FEATURES)
def test_it_is_materials_navigation(make_project: MakeProject, features: str) -> None:
    config = f"site_name: Help\ntheme: {{name: material, features: [{features}]}}\n"
    theirs = make_project(ARTICLES, config + "plugins: []\n", name="theirs")
    command = [sys.executable, "-m", "mkdocs", "build", "-q"]
    subprocess.run(command, cwd=theirs.root, check=True, capture_output=True, timeout=120)
    ours = make_project(ARTICLES, config + "plugins: [kbgen]\n", name="ours")
    ours.build()
    for page in PAGES:
        assert outline(ours.page(page)) == outline(theirs.page(page))
        assert targets(ours.page(page), page) == targets(theirs.page(page), page)


def test_a_page_holds_only_its_part_of_the_navigation(make_project: MakeProject) -> None:
    many = {f"s{n}/p{k}.md": f"# Page {n} {k}\n" for n in range(10) for k in range(10)}
    project = make_project({"index.md": "# Home\n", **many})
    project.build()
    page = project.page("s3/p3/index.html")
    assert len(re.findall(r'class="md-nav__item', page)) < 25


class Entry(NamedTuple):
    title: str
    url: str
    children: tuple["Entry", ...] = ()
    is_index: bool = False


PAGES_OF_A_MENU = st.builds(Entry, st.sampled_from("ab"), st.sampled_from(["x/", "y/z/", "/w"]))
INDEX = st.builds(Entry, st.just("i"), st.just("i/"), st.just(()), st.just(True))
MENUS = st.recursive(
    PAGES_OF_A_MENU | INDEX,
    lambda below: st.builds(
        Entry,
        st.sampled_from("st"),
        st.sampled_from(["", "s/"]),
        st.lists(below, min_size=1).map(tuple),
    ),
    max_leaves=12,
)


def all_entries(entries: Iterable[Entry]) -> Iterator[Entry]:
    for entry in entries:
        yield entry
        yield from all_entries(entry.children)


@given(st.lists(MENUS, max_size=4), st.builds(Features, *[st.booleans()] * 5))
def test_what_is_rendered_once_for_a_section_is_each_pages_own(
    menu: list[Entry], features: Features
) -> None:
    found = tree(menu, lambda item, named: named.title, features)
    for entry in [None, *all_entries(menu)]:
        node = found.nodes.get(id(entry))
        whole = found._render(node, found._way(node), "../", "TOC")
        assert found.render(entry, "../", "TOC") == whole


def replaced(menu: tuple[Entry, ...], old: Entry, new: Entry) -> tuple[Entry, ...]:
    """The menu with another entry in the place of one; all that is not above it is the same."""
    return tuple(
        new
        if one is old
        else one
        if not any(below is old for below in all_entries(one.children))
        else one._replace(children=replaced(one.children, old, new))
        for one in menu
    )


@given(
    st.lists(MENUS, min_size=1, max_size=4),
    MENUS,
    st.builds(Features, *[st.booleans()] * 5),
    st.data(),
)
def test_a_page_whose_navigation_has_another_look_has_another_state(
    menu: list[Entry], new: Entry, features: Features, data: st.DataObject
) -> None:
    old = data.draw(st.sampled_from(list(all_entries(menu))))
    first, second = (
        tree(entries, lambda item, named: named.title, features)
        for entries in (menu, replaced(tuple(menu), old, new))
    )
    for entry in [None, *all_entries(menu)]:
        if entry is None or id(entry) in second.nodes:
            same_look = first.render(entry, "../", "") == second.render(entry, "../", "")
            assert same_look or first.state(entry, "../") != second.state(entry, "../")


def test_what_a_page_does_not_show_is_no_part_of_its_state() -> None:
    here, there = Entry("here", "h/x/"), Entry("there", "t/x/")

    def state(far: str) -> tuple[str, ...]:
        sections = (Entry("h", "", (here,)), Entry("t", "", (there, Entry(far, "t/y/"))))
        return tree(sections, lambda item, named: named.title, Features()).state(here, "../../")

    assert state("one") == state("two")
