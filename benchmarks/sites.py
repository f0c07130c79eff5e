"""Sites of a given size, made from a folder of real Markdown, for measuring indexes."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import markdown

from benchmarks import synth

EXTENSIONS = ["tables", "fenced_code", "toc", "attr_list", "admonition"]
FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
TITLE = re.compile(r"^title:\s*[\"']?(.+?)[\"']?\s*$", re.MULTILINE)
HEADING = re.compile(r"<h1[^>]*>(.*?)</h1>", re.DOTALL)
TAG = re.compile(r"<[^>]+>")
LEAST = 300  # characters of Markdown: stubs and redirects are no articles
FOREIGN = re.compile(r"/(es|fr|ja|zh|zh-hans|id|pt|ar)/")


@dataclass(frozen=True)
class SitePage:
    """One page: its address under the site's root, its title, and the article's HTML."""

    url: str
    title: str
    body: str


def english(corpora: Path) -> list[Path]:
    """Return the English Markdown files under `corpora`/kb, sorted by path."""
    files = sorted((corpora / "kb").rglob("*.md"))
    return [file for file in files if not FOREIGN.search(str(file)) and _is_article(file)]


def _is_article(file: Path) -> bool:
    return file.is_file() and ".LICENSE" not in file.name and file.stat().st_size >= LEAST


def render(file: Path) -> str:
    """Return the HTML of a Markdown file's article, headings with anchors."""
    text = FRONT_MATTER.sub("", file.read_text(encoding="utf-8", errors="replace"))
    return markdown.markdown(text, extensions=EXTENSIONS)


def pages(corpora: Path, size: int) -> Iterator[SitePage]:
    """Yield `size` pages: every file of the corpora in turn, then copies with changed words."""
    files = english(corpora)[:size]
    bodies = [render(file) for file in files]
    titles = [_title(body, file) for body, file in zip(bodies, files, strict=True)]
    words = synth.Vocabulary(TAG.sub(" ", body) for body in bodies)
    changes = [words.change(copy) for copy in range(size // len(files) + 1)]
    for at, (number, copy) in enumerate(synth.grown(bodies, size)):
        change = changes[copy]
        yield SitePage(f"p{at}/", change(titles[number]), synth.html(bodies[number], change))


def _title(body: str, file: Path) -> str:
    """Return the article's heading, else the front matter's title, else the file's name."""
    if heading := HEADING.search(body):
        return TAG.sub("", heading[1]).strip()
    front = FRONT_MATTER.match(file.read_text(encoding="utf-8", errors="replace"))
    named = TITLE.search(front[0]) if front else None
    return html.escape(named[1]) if named else file.stem.replace("-", " ")


def whole(page: SitePage, head: str = "") -> str:
    """Return the whole HTML page, `head` added before `</head>`."""
    title = "" if HEADING.search(page.body) else f"<h1>{page.title}</h1>"
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{page.title}</title>'
        f"{head}</head><body><main>{title}{page.body}</main></body></html>"
    )


def write(corpora: Path, size: int, site: Path) -> list[str]:
    """Write the pages as a site; return their titles."""
    titles = []
    for page in pages(corpora, size):
        file = site / page.url / "index.html"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(whole(page), encoding="utf-8")
        titles.append(html.unescape(page.title))
    return titles
