"""A Markdown extension that puts a data file's text and its own version into pages."""

from pathlib import Path
from typing import Any

from markdown import Extension, Markdown
from markdown.preprocessors import Preprocessor

VERSION = 1


class Fill(Preprocessor):
    def __init__(self, md: Markdown, folder: Path) -> None:
        super().__init__(md)
        self.folder = folder

    def run(self, lines: list[str]) -> list[str]:
        return [self.filled(line) for line in lines]

    def filled(self, line: str) -> str:
        if not line.startswith("data: "):
            return line
        file = self.folder / line.removeprefix("data: ")
        return f"{file.read_text() if file.exists() else 'no data'} by version {VERSION}"


class FillExtension(Extension):
    def __init__(self, **options: Any) -> None:
        self.config = {"folder": ["", "where the data files are"]}
        super().__init__(**options)

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802
        md.preprocessors.register(Fill(md, Path(self.getConfig("folder"))), "fill", 35)


def makeExtension(**options: Any) -> FillExtension:  # noqa: N802
    return FillExtension(**options)
