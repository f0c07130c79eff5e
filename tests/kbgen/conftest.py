"""Fixtures: small knowledge bases on disk."""

import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from kb_support import ARTICLES, CONFIG, MakeProject, Project


@pytest.fixture
def make_project(tmp_path: Path) -> MakeProject:
    """Return a function that makes a knowledge base of the given articles."""

    def make(
        articles: Mapping[str, str | bytes] = ARTICLES, config: str = CONFIG, name: str = "kb"
    ) -> Project:
        project = Project(tmp_path / name)
        project.write("mkdocs.yml", config)
        for path, text in articles.items():
            project.article(path, text)
        return project

    return make


@pytest.fixture
def project(make_project: MakeProject) -> Project:
    """Return a small knowledge base."""
    return make_project()
