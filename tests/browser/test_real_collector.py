"""Readers' browsers and a real collector: mounted into another app, and without any script."""

import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.routing import Mount

from kbgen_feedback import widget
from kbgen_feedback.app import create_app
from kbgen_feedback.settings import Settings
from kbgen_feedback.store import schema
from kbgen_feedback.store.database import Store, open_store

pytestmark = pytest.mark.browser


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(open_store(str(tmp_path / "mounted.sqlite3"))) as opened:
        yield opened


@pytest.fixture
def mounted(store: Store) -> Iterator[str]:
    """The address of a collector under a prefix of somebody else's app, as the docs show it."""
    settings = Settings(site="nowhere", index="nowhere", desk_password="open sesame")
    feedback = create_app(settings, store)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with feedback.state.collector.running():
            yield

    app = Starlette(routes=[Mount("/feedback", feedback)], lifespan=lifespan)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/feedback"
        server.should_exit = True
        thread.join()


def votes(store: Store) -> list[tuple[str, str, str, str]]:
    v = schema.votes.c
    with store.read() as connection:
        query = select(v.page, v.value, v.reasons, v.held)
        return [tuple(row) for row in connection.execute(query)]


def test_one_script_tag_of_a_mounted_collector_is_enough(
    page: Page, store: Store, mounted: str, tmp_path: Path, serve_dir: Callable[..., str]
) -> None:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "returns.html").write_text(
        '<!doctype html><html lang="de"><title>Shop</title><main><h1>Retouren</h1></main>'
        f'<script defer src="{mounted}/v1/embed/embed.js"></script></html>',
        "utf-8",
    )
    page.goto(serve_dir(folder) + "returns.html")
    with page.expect_response(f"{mounted}/v1/events") as answer:
        page.get_by_role("button", name="Ja").click()
    assert answer.value.status == 202
    # A test is quicker than anybody reads: the vote is stored, but does not count.
    assert votes(store) == [("returns", "yes", "", "quick")]


def test_the_desk_of_a_mounted_collector_works_by_keyboard_alone(page: Page, mounted: str) -> None:
    wrong: list[str] = []
    page.on("response", lambda one: wrong.append(one.url) if one.status >= 400 else None)
    page.goto(f"{mounted}/")
    expect(page).to_have_url(f"{mounted}/desk/login")
    press = page.keyboard
    page.locator("#who").focus()
    press.type("Ana")
    press.press("Tab")
    press.type("open sesame")
    press.press("Enter")
    expect(page.get_by_text("No flags")).to_be_visible()
    press.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    for name in ("Flags", "Numbers"):
        press.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == name
    press.press("Enter")
    expect(page).to_have_url(f"{mounted}/desk/numbers")
    assert wrong == []


@pytest.mark.parametrize("locale", ["en", "ar"])
def test_without_scripts_a_vote_is_thanked_for_and_counts(
    store: Store,
    mounted: str,
    tmp_path: Path,
    serve_dir: Callable[..., str],
    new_context: Callable[..., Any],
    locale: str,
) -> None:
    form = widget.form_html("guide/start", "0123456789ab", locale, mounted)
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain/index.html").write_text(
        f"<!doctype html><html lang={locale}><meta charset=utf-8><main>{form}",
        "utf-8",
    )
    plain: Page = new_context(java_script_enabled=False).new_page()
    plain.goto(serve_dir(tmp_path / "plain") + "index.html")
    plain.locator("details, summary").first.click()
    plain.locator('input[value="other"]').check()
    plain.locator('button[value="no"]').last.click()
    thanks = widget.strings(locale)["thanks"]
    expect(plain.get_by_role("heading", name=thanks)).to_be_visible()
    style = "one => getComputedStyle(one).textAlign"
    assert plain.locator("main").evaluate(style) == "center", "its policy lets its style through"
    assert plain.locator("html").get_attribute("dir") == ("rtl" if locale == "ar" else "ltr")
    assert votes(store) == [("guide/start", "no", "other", "")]


def test_the_thanks_are_accessible_in_the_dark(page: Page, mounted: str) -> None:
    page.emulate_media(color_scheme="dark")
    form = f'<form method=post action="{mounted}/v1/vote-form"><button>x</button></form>'
    page.goto(f"{mounted}/v1/health")
    page.evaluate("form => { document.body.innerHTML = form; document.forms[0].submit() }", form)
    page.get_by_role("heading").wait_for()
    assert Axe().run(page).response["violations"] == []
