"""Pin every dependency with its hashes, for all supported Pythons and platforms at once.

`requirements/run.txt` is what `kbgen` needs, `requirements/test.txt` adds what its tests need.
Neither names an index: pip takes the packages from wherever it is configured to look.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
COMMON = [
    sys.executable, "-m", "uv", "pip", "compile", "pyproject.toml", "--quiet", "--universal",
    "--python-version", "3.11", "--generate-hashes", "--no-emit-index-url", "--no-annotate",
    "--custom-compile-command", "make lock",
]  # fmt: skip


def main() -> None:
    """Write both lock files; the tests' one first, so that both agree on every version."""
    subprocess.run([*COMMON, "--group", "dev", "-o", "requirements/test.txt"], cwd=ROOT, check=True)
    subprocess.run(
        [*COMMON, "--constraints", "requirements/test.txt", "-o", "requirements/run.txt"],
        cwd=ROOT,
        check=True,
    )


if __name__ == "__main__":
    main()
