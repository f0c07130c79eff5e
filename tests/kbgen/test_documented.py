from dataclasses import fields
from pathlib import Path

import pytest

from kbgen.frontmatter import FrontMatter
from kbgen.settings import PluginOptions

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("option", [name for name, _ in PluginOptions._schema])
def test_each_option_is_explained(option: str) -> None:
    assert f"| `{option}` |" in (DOCS / "reference/settings.md").read_text("utf-8")


@pytest.mark.parametrize("field", [field.name for field in fields(FrontMatter)])
def test_each_field_of_the_front_matter_is_explained(field: str) -> None:
    assert f"| `{field}` |" in (DOCS / "writers/front-matter.md").read_text("utf-8")
