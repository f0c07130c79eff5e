"""What tests of every room share: one real Chromium, since Playwright runs only once a process.

Properties have no deadline: how long an example takes says more of the machine than of the code.
"""

import runpy
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, expect, sync_playwright

TOOLS = Path(__file__).parent.parent / "tools"

settings.register_profile("kbgen", deadline=None)
settings.load_profile("kbgen")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests."""
    path = runpy.run_path(str(TOOLS / "chromium.py"))["find"]()
    if path is None:
        pytest.fail("no Chromium found: run `make test`, or set KBGEN_CHROMIUM to its path")
    expect.set_options(timeout=10_000)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield chromium
        chromium.close()
