"""Small knowledge bases on disk, and what tests do with them."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kbgen import early, pipeline
from kbgen.pipeline import Options
from kbgen.project import Wish
from kbgen.summary import Summary

CONFIG = """\
site_name: Help
site_url: https://help.example.com/
theme: {name: material}
plugins: [kbgen]
markdown_extensions: [admonition, attr_list, tables, toc: {permalink: true}]
"""
ARTICLES = {
    "index.md": "# Welcome\n\nBegin with [plans](billing/plans.md).\n",
    "billing/plans.md": "---\nkeywords: [price]\n---\n# Plans\n\nThree.\n\n## Free\n\nNo cost.\n",
    "billing/refunds.md": "# Refunds\n\nSee [plans](plans.md#free).\n",
}


@dataclass(frozen=True)
class Project:
    """A knowledge base in a folder of its own."""

    root: Path

    @property
    def config(self) -> Path:
        return self.root / "mkdocs.yml"

    @property
    def site(self) -> Path:
        return self.root / "site"

    def write(self, path: str, text: str | bytes) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())

    def article(self, path: str, text: str | bytes) -> None:
        self.write(f"docs/{path}", text)

    def build(self, **wish: Any) -> Summary:
        return pipeline.build(self.config, Wish(**wish), Options(workers=1))

    def build_early(self) -> Summary:
        """Build as the command does: processes wait for what they are to index."""
        with early.helpers_for(self.config, 0, waiting=lambda: None) as helpers:
            return pipeline.build(self.config, Wish(), Options(workers=1, helpers=helpers))

    def page(self, path: str) -> str:
        return (self.site / path).read_text("utf-8")

    def manifest(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.site / "kb-manifest.json").read_bytes())
        return found

    def python(self, script: str) -> str:
        """Return what a script prints in the project's folder."""
        command = [sys.executable, "-c", script]
        done = subprocess.run(
            command, cwd=self.root, capture_output=True, text=True, check=True, timeout=120
        )
        return done.stdout

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "kbgen", *arguments]
        return subprocess.run(command, cwd=self.root, capture_output=True, text=True, timeout=120)


MakeProject = Callable[..., Project]


def tree(folder: Path) -> dict[str, bytes]:
    """Return every file below `folder`, path to content."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def mkdocs_build(project: Project, site: Path) -> None:
    """Let MkDocs itself build the project into `site`."""
    done = run_mkdocs(project, site)
    assert done.returncode == 0, done.stderr


def run_mkdocs(project: Project, site: Path) -> subprocess.CompletedProcess[str]:
    """Let MkDocs itself build the project into `site`, whatever comes of it."""
    return subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "-q", "-d", str(site)],
        cwd=project.root,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
