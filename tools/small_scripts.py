"""Make the small versions of the readers' scripts; run it when one of them has changed.

    pip install tdewolff-minify && python tools/small_scripts.py

A script without a small version is served as it is, some 25 % larger. With `--check` nothing is
written: the exit code says whether every script has its small version.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from kbgen import replies
from kbgen_feedback import widget
from kbgen_search import assets
from kbgen_search.browser import dialog, scripts

BUNDLES: tuple[Sequence[Path], ...] = (
    dialog.SCRIPTS,
    widget.SCRIPTS,
    widget.EMBED_SCRIPTS,
    [assets.HERE / "engine" / f"{name}.js" for name in assets.ENGINE],
    assets.WORKER_SCRIPTS,
    assets.OFFLINE_SCRIPTS,
    replies.SCRIPTS,
)


def small_versions() -> dict[Path, bytes]:
    """Return where each bundle's small version belongs, with what it is made from."""
    joined = ((files, scripts.joined_lines(files)) for files in BUNDLES)
    return {scripts.small_version(files, lines): lines for files, lines in joined}


def write(wanted: dict[Path, bytes]) -> None:
    """Write the small versions that are missing; remove those of earlier sources."""
    # Made in Go; not a dependency, since a site can do without.
    import minify  # type: ignore[import-not-found,unused-ignore]

    for folder in {path.parent for path in wanted}:
        folder.mkdir(exist_ok=True)
        for old in set(folder.glob("*.js")) - set(wanted):
            old.unlink()
    for path, lines in wanted.items():
        if not path.exists():
            small = minify.string("application/javascript", lines.decode())
            path.write_bytes(scripts.ascii_only(small))


def main() -> None:
    """Write the small versions, or with `--check` say which are missing."""
    wanted = small_versions()
    if "--check" not in sys.argv:
        write(wanted)
    missing = [str(path) for path in wanted if not path.exists()]
    if missing:
        sys.exit(f"run python tools/small_scripts.py; missing: {', '.join(missing)}")


if __name__ == "__main__":
    main()
