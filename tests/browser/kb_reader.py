"""What readers do on a page, whichever part of it a test is about."""

from playwright.sync_api import Page, expect


def search_for(page: Page, query: str) -> None:
    """Open the search, type, and wait for what is found."""
    page.keyboard.press("Control+k")
    page.get_by_role("combobox").fill(query)
    expect(page.get_by_role("option").first).to_be_visible()
