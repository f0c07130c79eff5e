"""A build by MkDocs itself, page after page, for sites whose plugins ask for it."""

from collections.abc import Iterator
from contextlib import contextmanager

from kbgen import fingerprints, mkdocs_bridge
from kbgen.loading import Loaded
from kbgen.staging import Staging
from kbgen.summary import Summary
from kbgen_search.errors import KbError


def build(loaded: Loaded, staging: Staging, summary: Summary) -> None:
    """Let MkDocs build the site into `staging`; files that did not change are kept."""
    staging.keep_only(())
    loaded.config.site_dir = str(staging.folder)
    with summary.stage("build"), _named_as_in(staging):
        mkdocs_bridge.whole_build(loaded.config)
    summary.pages = summary.rendered = len(loaded.plugin.edition.published)
    with summary.stage("write"):
        _keep_same(staging, summary)


@contextmanager
def _named_as_in(staging: Staging) -> Iterator[None]:
    """Let errors inside the block name the file of the site, not where it is made."""
    try:
        yield
    except KbError as error:
        if error.file:
            error.file = error.file.replace(str(staging.folder), str(staging.site))
        raise


def _keep_same(staging: Staging, summary: Summary) -> None:
    for file in (path for path in staging.folder.rglob("*") if path.is_file()):
        path = file.relative_to(staging.folder).as_posix()
        summary.size += file.stat().st_size
        if fingerprints.of_file(staging.site / path) == fingerprints.of_file(file):
            file.unlink()
            staging.keep(path)
            summary.kept += 1
        else:
            summary.written += 1
