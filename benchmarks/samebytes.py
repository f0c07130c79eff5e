"""`kbgen build` beside `mkdocs build`, file by file, over real knowledge bases.

    python -m benchmarks.samebytes --corpora FOLDER

Builds each site with both, from nothing and after an edit, and names every file that differs; ends
with 1 when there is one. Uses a site's own mkdocs.yml where it has one, else that of the build
benchmark.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.build import BIN, CONFIG, edit

SITES = "csc-user-guide,arduino-help,opensource-guide,fastapi"


def project(source: Path, home: Path) -> None:
    """Copy a site into `home`, its own mkdocs.yml with the plugin kbgen alone included."""
    own = source / "mkdocs.yml"
    docs = source / "docs" if (source / "docs").is_dir() else source
    shutil.copytree(source if own.is_file() else docs, home if own.is_file() else home / "docs")
    config = own.read_text("utf-8") if own.is_file() else ""
    if not config or "!!python" in config or "custom_dir" in config:
        config = CONFIG.format(name=source.name, plugins="kbgen")
    config = re.sub(
        r"^(plugins|hooks|extra_javascript):.*?(?=^\S|\Z)", "", config, flags=re.M | re.S
    )
    (home / "mkdocs.yml").write_text(f"{config}\nplugins: [kbgen]\n", "utf-8")


def differences(home: Path) -> list[str]:
    """Build with both; return the paths of the files that are not the same."""
    theirs = home.with_name("theirs")
    for command in (["kbgen", "build"], ["mkdocs", "build", "-q", "-d", str(theirs)]):
        program = [str(BIN / command[0]), *command[1:]]
        done = subprocess.run(program, cwd=home, capture_output=True, text=True, check=False)
        if done.returncode:
            return [f"{command[0]} ended with {done.returncode}: {done.stderr[-500:]}"]
    one, other = files_of(home / "site"), files_of(theirs)
    return sorted(path for path in one.keys() | other.keys() if one.get(path) != other.get(path))


def files_of(folder: Path) -> dict[str, bytes]:
    """Return every file of a site, path to content."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def compare(source: Path) -> bool:
    """Compare one site's builds, print what differs; tell whether all is the same."""
    same = True
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        project(source, home)
        for state in ("cold", "after an edit"):
            found = differences(home)
            same &= not found
            print(
                f"{source.name}, {state}: {len(found)} of its files differ", *found[:10], sep="\n  "
            )
            edit(home, 1)
    return same


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare all sites; returns 1 when a file differs."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.samebytes", description=__doc__)
    parser.add_argument("--corpora", type=Path, required=True, help="folder that holds kb/")
    parser.add_argument("--sites", default=SITES, help="under kb/, by comma")
    options = parser.parse_args(arguments)
    same = [compare(options.corpora / "kb" / name) for name in options.sites.split(",")]
    return 0 if all(same) else 1


if __name__ == "__main__":
    sys.exit(main())
