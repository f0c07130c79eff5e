"""Tries MkDocs plugins beside kbgen: `make plugins`, in an environment that has them installed.

For each, a small site is built by `kbgen build` and by `mkdocs build`, then edited and built again;
every file must be the same. Prints a table: what was tried, in which version, whether pages are
rendered side by side, and whether all bytes were the same.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

CONFIG = """\
site_name: Help
site_url: https://help.example.com/
repo_url: https://git.example.com/help/help
edit_uri: edit/main/docs/
theme: {name: material}
markdown_extensions: [admonition, attr_list, tables, toc: {permalink: true}]
"""
DOCS = {
    "docs/index.md": "# Welcome\n\nBegin with [plans](billing/plans.md).\n",
    "docs/billing/index.md": "# Billing\n\nAll about money.\n",
    "docs/billing/plans.md": "---\ntags: [price]\n---\n# Plans\n\nThree.\n\n## Free\n\nNo cost.\n",
    "docs/billing/refunds.md": "# Refunds\n\nSee [plans](plans.md#free).\n",
}
ENVIRONMENT = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "SOURCE_DATE_EPOCH": "1790000000"}


@dataclass(frozen=True)
class Case:
    """A plugin: its package, its entry under `plugins`, files, and an edit: file and new text."""

    package: str
    entry: str
    files: Mapping[str, str] = field(default_factory=dict)
    edit: tuple[str, str] = ("docs/billing/refunds.md", "# Refunds\n\nChanged.\n")


PICTURE = {"docs/billing/refunds.md": "# Refunds\n\n![p](p.png)\n", "docs/billing/p.png": "x"}
CASES = (
    Case("mkdocs-redirects", "redirects: {redirect_maps: {old.md: billing/plans.md}}"),
    Case("mkdocs-exclude", "exclude: {glob: [billing/refunds.md]}"),
    Case(
        "mkdocs-awesome-nav",
        "awesome-nav",
        {"docs/.nav.yml": "nav:\n  - billing\n  - index.md\n"},
        ("docs/.nav.yml", "nav:\n  - index.md\n  - billing\n"),
    ),
    Case(
        "mkdocs-literate-nav",
        "literate-nav: {nav_file: SUMMARY.md}",
        {"docs/SUMMARY.md": "* [Money](billing/plans.md)\n* [Home](index.md)\n"},
        ("docs/SUMMARY.md", "* [Home](index.md)\n* [Cash](billing/plans.md)\n"),
    ),
    Case("mkdocs-section-index", "section-index"),
    Case("mkdocs-glightbox", "glightbox", PICTURE),
    Case("mkdocs-minify-plugin", "minify: {minify_html: true}"),
    Case(
        "mkdocs-include-markdown-plugin",
        "include-markdown",
        {
            "docs/index.md": '# Welcome\n\n{% include-markdown "../parts/*.md" %}\n',
            "parts/a.md": "One part.\n",
        },
        ("parts/b.md", "Another part.\n"),
    ),
    Case(
        "mkdocs-table-reader-plugin",
        "table-reader: {data_path: data}",
        {
            "docs/index.md": "# Welcome\n\n{{ read_csv('prices.csv') }}\n",
            "data/prices.csv": "plan,price\nfree,0\n",
        },
        ("data/prices.csv", "plan,price\nfree,1\n"),
    ),
    Case(
        "mkdocs-material",
        "material/meta",
        {"docs/billing/.meta.yml": "description: Money\n"},
        ("docs/billing/.meta.yml", "description: Cash\n"),
    ),
    Case("mkdocs-material", "material/tags"),
    Case(
        "mkdocs-material",
        "material/blog",
        {
            "docs/blog/index.md": "# Blog\n",
            "docs/blog/posts/one.md": "---\ndate: 2026-01-02\n---\n# One\n\nText.\n",
        },
    ),
    Case("mkdocs-material", "material/privacy"),
    Case("mkdocs-material", "material/social"),
    Case("mkdocs-material", "material/typeset", {"docs/index.md": "# Use `kb` *well*\n\nText.\n"}),
    Case(
        "mkdocs-material",
        "material/projects",
        {
            "projects/other/mkdocs.yml": "site_name: Other\ntheme: {name: material}\n",
            "projects/other/docs/index.md": "# Other\n\nText.\n",
        },
        ("projects/other/docs/index.md", "# Other\n\nChanged.\n"),
    ),
    Case("mkdocs-static-i18n", "i18n: {languages: [{locale: en, name: English, default: true}]}"),
    Case(
        "mkdocs-macros-plugin",
        "macros: {include_yaml: [prices: data/prices.yml]}",
        {
            "docs/index.md": "# Welcome\n\nIt costs {{ prices.free }}.\n",
            "data/prices.yml": "free: 0\n",
        },
        ("data/prices.yml", "free: 1\n"),
    ),
    Case("mkdocs-git-revision-date-localized-plugin", "git-revision-date-localized"),
    Case("mkdocs-git-authors-plugin", "git-authors"),
    Case(
        "mkdocstrings",
        "mkdocstrings",
        {"docs/index.md": "# Welcome\n\n::: pricing\n", "pricing.py": '"""Prices."""\n'},
    ),
    Case("mkdocs-rss-plugin", "rss: {use_git: false, date_from_meta: {as_creation: date}}"),
    Case(
        "mkdocs-gen-files",
        "gen-files: {scripts: [make.py]}",
        {
            "make.py": (
                "import mkdocs_gen_files as g\n"
                "with g.open('made.md', 'w') as f:\n    print('# Made', file=f)\n"
            )
        },
    ),
    Case("mkdocs-print-site-plugin", "print-site"),
    Case(
        "mkdocs-monorepo-plugin",
        "monorepo",
        {
            "other/mkdocs.yml": "site_name: Other\nnav: [Other: index.md]\n",
            "other/docs/index.md": "# Other\n",
        },
    ),
)


def main() -> int:
    """Try every plugin, or those named; returns 1 when one did not give the same bytes."""
    print("| plugin | version | pages | same bytes | why one at a time |\n|---|---|---|---|---|")
    wanted = sys.argv[1:]
    chosen = [case for case in CASES if not wanted or case.entry.partition(":")[0] in wanted]
    same = [_row(case) for case in chosen]
    return 0 if all(same) else 1


def _row(case: Case) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "kb"
        _project(root, case)
        _git(root)
        first = _compared(root)
        _edit(root, case)
        done = [first, _compared(root)]
    serial = done[0][1]
    pages = "one at a time" if serial else "side by side"
    result = ", ".join(dict.fromkeys(text for text, _ in done))
    name = case.entry.partition(":")[0]
    print(f"| {name} | {case.package} {version(case.package)} | {pages} | {result} | {serial} |")
    return result == "yes"


def _project(root: Path, case: Case) -> None:
    plugins = f"plugins:\n  - {case.entry}\n  - kbgen\n"
    nav = 'nav:\n  - index.md\n  - Other: "!include other/mkdocs.yml"\n'
    config = CONFIG + plugins + (nav if case.entry == "monorepo" else "")
    for path, text in {**DOCS, **case.files, "mkdocs.yml": config}.items():
        _write(root / path, text)
    if case.entry == "material/social":
        _place_font(root / ".cache/plugin/social/fonts/Roboto")


def _place_font(folder: Path) -> None:
    """Put Pillow's own font where the plugin keeps the one that it otherwise downloads."""
    from PIL import ImageFont  # type: ignore[import-not-found,unused-ignore]

    folder.mkdir(parents=True)
    for style in ("Regular", "Bold"):
        (folder / f"{style}.ttf").write_bytes(ImageFont.load_default(12).font_bytes)


def _edit(root: Path, case: Case) -> None:
    _write(root / case.edit[0], case.edit[1])


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def _git(root: Path) -> None:
    _write(root / ".gitignore", "site\n.kbgen\n.cache\n")
    who = ["-c", "user.name=A", "-c", "user.email=a@b.example"]
    for words in (["init", "-q"], ["add", "."], [*who, "commit", "-q", "-m", "Begin"]):
        subprocess.run(["git", *words], cwd=root, check=True)


def _compared(root: Path) -> tuple[str, str]:
    """Return whether both builds gave the same, and why kbgen built page after page."""
    ours = _run(root, "kbgen", "build", "--json")
    theirs = _run(root, "mkdocs", "build", "-q", "-d", str(root.parent / "theirs"))
    if ours.returncode or theirs.returncode:
        return f"failed: {(ours.stderr or theirs.stderr).strip().splitlines()[-1]}", ""
    one, other = _tree(root / "site"), _tree(root.parent / "theirs")
    different = sorted(
        path for path in one.keys() | other.keys() if one.get(path) != other.get(path)
    )
    serial = json.loads(ours.stdout)["serial"] or ""
    return f"no: {', '.join(different[:3])}" if different else "yes", serial


def _run(root: Path, module: str, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", module, *words]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, env=ENVIRONMENT)


def _tree(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


if __name__ == "__main__":
    sys.exit(main())
