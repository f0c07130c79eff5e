"""Run the tests of the index of record on whoosh-reloaded, in place of whoosh3.

    python tools/whoosh_fallback.py

Both are forks of Whoosh, and the index is written to what they share, so that one can take the
other's place. whoosh-reloaded is put into a folder of its own for the time of the run; nothing
that is installed changes.
"""

import os
import subprocess
import sys
import tempfile

PACKAGES = ("whoosh-reloaded==2.7.5", "cached-property")
TESTS = [
    f"tests/search/test_{name}.py" for name in ("indexing", "engine", "bad_input", "search_command")
]


def main() -> int:
    """Install the fork, run the tests with it, and return their exit code."""
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
        subprocess.run([*pip, "--target", folder, *PACKAGES], check=True)
        first = os.pathsep.join(filter(None, (folder, os.environ.get("PYTHONPATH"))))
        environment = {**os.environ, "PYTHONPATH": first}
        version = "import whoosh; print('whoosh', whoosh.versionstring(), 'from', whoosh.__file__)"
        subprocess.run([sys.executable, "-c", version], env=environment, check=True)
        tests = [sys.executable, "-m", "pytest", "-q", "-m", "not browser", *TESTS]
        return subprocess.run(tests, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
