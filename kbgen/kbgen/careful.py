"""A build by MkDocs itself, page after page, for sites whose plugins ask for it."""

from kbgen import fingerprints, mkdocs_bridge
from kbgen.loading import Loaded
from kbgen.staging import Staging
from kbgen.summary import Summary


def build(loaded: Loaded, staging: Staging, summary: Summary) -> None:
    """Let MkDocs build the site into `staging`; files that did not change are kept."""
    staging.keep_only(())
    loaded.config.site_dir = str(staging.folder)
    with summary.stage("build"):
        mkdocs_bridge.whole_build(loaded.config)
    summary.pages = summary.rendered = len(loaded.plugin.edition.published)
    with summary.stage("write"):
        _keep_same(staging, summary)


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
