"""Find a Firefox for the browser tests, or install one; print where it is."""

import os
import shutil
import subprocess
from pathlib import Path

NAMES = ("firefox-esr", "firefox")
MAC = Path("/Applications/Firefox.app/Contents/MacOS/firefox")


def find() -> str | None:
    """Return the path of a Firefox: `KBGEN_FIREFOX`, or one on the PATH."""
    if given := os.environ.get("KBGEN_FIREFOX"):
        return given
    for name in NAMES:
        if path := shutil.which(name):
            return path
    return str(MAC) if MAC.exists() else None


def install() -> None:
    """Install Debian's Firefox where that can be done without asking: as root on Debian."""
    if shutil.which("apt-get") and os.geteuid() == 0:
        subprocess.run(["apt-get", "update", "-qq"], check=True)
        subprocess.run(["apt-get", "install", "-y", "-qq", "firefox-esr"], check=True)


def main() -> None:
    """Print the path of the Firefox that is there now, or what is left out without one."""
    if find() is None:
        install()
    path = find()
    if path:
        print(f"Firefox for the browser tests: {path}")
    else:
        print("No Firefox found: its tests are skipped. Install one, or set KBGEN_FIREFOX.")


if __name__ == "__main__":
    main()
