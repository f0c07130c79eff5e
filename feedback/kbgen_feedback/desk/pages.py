"""The desk's pages: plain HTML forms, no script, nothing from elsewhere."""

import re
import time
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import jinja2
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from kbgen_feedback import (
    abuse,
    comments,
    flagbook,
    listing,
    redaction,
    report,
    requests,
    totals,
    wording,
)
from kbgen_feedback.collector import Collector
from kbgen_feedback.desk import auth
from kbgen_feedback.events import moment
from kbgen_feedback.lifecycle import MOST_NOTE, Flag, longest
from kbgen_feedback.lookout import now_ms
from kbgen_feedback.readers import household
from kbgen_feedback.store.facts import fact
from kbgen_feedback.store.record import day_of
from kbgen_search.errors import KbError

HERE = Path(__file__).parent
MOST_CARDS = 100
_DAY = re.compile("[0-9]{1,6}")  # days since 1970
SECURITY = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

Fields = dict[str, str]


def routes() -> list[Route]:
    """Return the desk's routes, to be mounted."""
    return [
        Route("/", behind_login(flags), name="flags"),
        Route("/flags/{id}", behind_login(flag), name="flag"),
        Route("/flags/{id}/reveal", reveal, methods=["POST"], name="reveal"),
        Route("/flags/{id}/{action}", act, methods=["POST"], name="act"),
        Route("/flags/{id}/{action}", back_to("flag", "id")),
        Route("/numbers", behind_login(numbers), name="numbers"),
        Route("/held/{action}", held, methods=["POST"], name="held"),
        Route("/held/{action}", back_to("numbers")),
        Route("/login", login, methods=["GET", "POST"], name="login"),
        Route("/logout", logout, methods=["POST"], name="logout"),
        Route("/logout", back_to("flags")),
        Route("/desk.css", static("desk.css", "text/css"), name="style"),
        Route("/icon.svg", static("icon.svg", "image/svg+xml"), name="icon"),
    ]


@cache
def _templates() -> jinja2.Environment:
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.globals.update(wording=wording)
    return env


def page(request: Request, template: str, status: int = 200, **values: Any) -> Response:
    """Return a rendered page with the headers that keep it safe."""
    context = {"url": partial(path_to, request), "session": None, "path": template, **values}
    html = _templates().get_template(template).render(context)
    return HTMLResponse(html, status, headers=SECURITY)


def path_to(request: Request, name: str, **params: str) -> str:
    """Return the path of one of the desk's pages, wherever the app is mounted."""
    return request.url_for(name, **params).path


def to(request: Request, name: str, **params: str) -> Response:
    """Return the way to another of the desk's pages."""
    return RedirectResponse(path_to(request, name, **params), 303, headers=SECURITY)


def session_of(request: Request) -> auth.Session | None:
    """Return the editor's session, if there is a valid one."""
    collector: Collector = request.app.state.collector
    cookie = request.cookies.get(auth.COOKIE, "")
    return auth.read(collector.store, cookie, time.time()) if cookie else None


Handler = Callable[[Request, Collector, auth.Session], Response]


def behind_login(handler: Handler) -> Callable[[Request], Response]:
    """Return the endpoint that shows a page to editors and the login to others."""

    def endpoint(request: Request) -> Response:
        session = session_of(request)
        if session is None:
            return to(request, "login")
        return handler(request, request.app.state.collector, session)

    return endpoint


def flags(request: Request, collector: Collector, session: auth.Session) -> Response:
    """Show the flags, those that waste most visits first."""
    collector.lookout.look()
    document = collector.document()
    site = collector.known.manifest
    cards = [_card(row, site) for row in document["flags"]]
    return page(
        request,
        "flags.html",
        session=session,
        as_of=document["as_of"],
        refreshing=collector.is_refreshing,
        site=site.site,
        flagged=[card for card in cards if card["tier"] == "flag" or card["state"] != "watch"],
        watched=[card for card in cards if card["tier"] != "flag" and card["state"] == "watch"],
        confusable=document["confusable"][:20],
        unsure=[_card(row, site) for row in document["not_enough_evidence"]][:20],
        closed=_closed(collector),
    )


def _closed(collector: Collector) -> list[dict[str, Any]]:
    """Return the flags that were closed last, so that a decision can be looked up."""
    flags = [one for one in flagbook.flags(collector.store) if one.state in listing.CLOSED]
    flags.sort(key=lambda one: -one.changed)
    site = collector.known.manifest
    return [
        {**_card(listing.flag_json(one, None), site), "changed": moment(one.changed).date()}
        for one in flags[:50]
    ]


def _card(row: dict[str, Any], manifest: Any) -> dict[str, Any]:
    """Return a flag's row with its title and link."""
    article = manifest.find(row["page"], row["locale"]) if row["page"] else None
    queries = row["queries"]
    title = article.title if article else row["page"] or (queries and f"“{queries[0]}”")
    if not title:
        title = row["subject"] if row["kind"] == "broken_inbound" else "Rare queries"
    base = manifest.site.url or ""
    link = urljoin(base, article.url) if article and base.startswith("http") else ""
    return {**row, "title": title, "link": link}


def flag(
    request: Request, collector: Collector, session: auth.Session, revealed: bool = False
) -> Response:
    """Show one flag: evidence, comments, history, and what can be done.

    Comments that may hold personal data are in the page only when an editor has asked for them.
    """
    found = _found(request, collector)
    card = _card(listing.flag_json(found, None), collector.known.manifest)
    return page(
        request,
        "flag.html",
        session=session,
        flag=card,
        into=found.merged_into if found.state == "merged" else "",
        proof=found.proof,
        comments=comments.on(collector.store, found),
        revealed=revealed,
        quiet=collector.settings.rules.dismissed_days,
        longest=longest,
        history=_history(collector, found.id),
    )


def _found(request: Request, collector: Collector) -> Flag:
    """Return the flag that a request's path names.

    Raises:
        HTTPException: 404, there is none.
    """
    try:
        return flagbook.find(collector.store, _flag_of(request))
    except KbError as error:
        raise HTTPException(404, "no such flag") from error


def _flag_of(request: Request) -> str:
    """Return the id of the flag in a request's path; an address may hold what no id can."""
    return redaction.plain(request.path_params["id"])


def _history(collector: Collector, subject: str) -> list[dict[str, Any]]:
    return [
        {"at": moment(one.at), "who": one.who, "action": one.action, "note": one.note}
        for one in flagbook.history(collector.store, subject)
    ]


def numbers(request: Request, collector: Collector, session: auth.Session) -> Response:
    """Show what was stored, held back and refused, what waits for a decision, and what readers
    suddenly ask.
    """
    today = day_of(now_ms())
    waiting = [(listing.day_name(one.day), one) for one in abuse.held_back(collector.store)]
    values: dict[str, Any] = {
        "totals": totals.stats(collector.store),
        "waiting": waiting[:MOST_CARDS],
        "more": len(waiting[MOST_CARDS:]),
        "surges": report.sudden(collector.store, today, collector.settings.rules),
        "history": _history(collector, "held votes"),
    }
    return page(request, "numbers.html", session=session, **values)


async def _form(request: Request) -> tuple[Collector, Fields]:
    collector: Collector = request.app.state.collector
    requests.check_own_origin(request)
    fields = await requests.form_fields(request, collector.settings, most=20)
    return collector, {name: values[-1] for name, values in fields.items()}


async def _editor_form(request: Request) -> tuple[Collector, Fields, auth.Session]:
    """Return the form of a logged-in editor.

    Raises:
        HTTPException: 403, no session, or a form that the desk did not make.
    """
    collector, fields = await _form(request)
    session = session_of(request)
    if session is None or not auth.same(fields.get("csrf", ""), session.csrf):
        raise HTTPException(403, "log in again")
    return collector, fields, session


async def act(request: Request) -> Response:
    """Do what an editor decided about a flag, and keep who it was."""
    collector, fields, session = await _editor_form(request)
    name, action = _flag_of(request), request.path_params["action"]
    try:
        await run_in_threadpool(_decide, collector, name, action, fields.get("note", ""), session)
    except KbError as error:
        raise HTTPException(400, str(error)) from error
    return to(request, "flag", id=name)


async def reveal(request: Request) -> Response:
    """Show a flag with the comments that may hold personal data, and keep who asked for them."""
    collector, _, session = await _editor_form(request)
    return await run_in_threadpool(_revealed, request, collector, session)


def _revealed(request: Request, collector: Collector, session: auth.Session) -> Response:
    name = _found(request, collector).id
    flagbook.remember(collector.store, name, session.who, "opened comments", "", now_ms())
    return flag(request, collector, session, revealed=True)


def _decide(collector: Collector, name: str, action: str, note: str, session: auth.Session) -> None:
    typed = redaction.plain(note)[:MOST_NOTE]
    flagbook.decide(collector.store, name, action, typed, session.who, now_ms())


async def held(request: Request) -> Response:
    """Let held votes count, or keep them out."""
    collector, fields, session = await _editor_form(request)
    action = request.path_params["action"]
    decide = {"release": abuse.release, "discard": abuse.discard}.get(action)
    day, why = fields.get("day", ""), fields.get("why", "")
    if decide is None or why not in abuse.WAITING or not _DAY.fullmatch(day):
        raise HTTPException(400, "unknown action")
    held = abuse.Held(why, int(day), fields.get("page", ""), fields.get("locale", ""))
    votes = await run_in_threadpool(decide, collector.store, held)
    if not votes:
        raise HTTPException(409, "no votes are held there: somebody may have decided already")
    note = f"{votes} votes of {listing.day_name(held.day)} on {held.page or 'many articles'}"
    flagbook.remember(collector.store, "held votes", session.who, action, note, now_ms())
    collector.forget_document()
    return to(request, "numbers")


def back_to(name: str, *params: str) -> Callable[[Request], Response]:
    """Return the endpoint that leads to the page of a form whose address was asked for by itself.

    So it is after a login, or when a page that a form has led to is loaded once more.
    """

    def endpoint(request: Request) -> Response:
        return to(request, name, **{param: request.path_params[param] for param in params})

    return endpoint


async def login(request: Request) -> Response:
    """Show the login, or begin a session."""
    if request.method == "GET":
        return page(request, "login.html", error="")
    collector, fields = await _form(request)
    address = requests.sender_address(request, collector.settings)
    if not collector.logins.take(home := household(address)):
        return page(request, "login.html", 429, error="Too many attempts. Wait a minute.")
    kept = fact(collector.store, "desk.password")
    async with collector.guesses:
        right = await run_in_threadpool(auth.matches, fields.get("password", ""), kept)
    if not right:
        return page(request, "login.html", 403, error="This is not the password.")
    collector.logins.give_back(home)  # only wrong ones count
    return _begin(request, collector, fields.get("who", ""))


def _begin(request: Request, collector: Collector, name: str) -> Response:
    """Return the way to the flags, with a session."""
    hours = collector.settings.desk_session_h
    who = redaction.plain(name).strip()[:60] or "editor"
    session = auth.begin(who, time.time(), hours)
    response = to(request, "flags")
    response.set_cookie(
        auth.COOKIE,
        auth.signed(collector.store, session),
        max_age=hours * 3600,
        path=path_to(request, "flags"),  # a site that the collector is mounted in never gets it
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https" or collector.settings.public_url.startswith("https:"),
    )
    return response


async def logout(request: Request) -> Response:
    """End the session."""
    collector, _, session = await _editor_form(request)
    await run_in_threadpool(auth.end, collector.store, session, time.time())
    response = to(request, "login")
    response.delete_cookie(auth.COOKIE, path=path_to(request, "flags"))
    return response


def refusal(request: Request, status: int, why: str, retry_after_s: str = "") -> Response:
    """Return the page that says why something was not done, with the way back."""
    answer = page(request, "refusal.html", status, why=why)
    if retry_after_s:
        answer.headers["Retry-After"] = retry_after_s
    return answer


def static(name: str, media_type: str) -> Callable[[Request], Response]:
    """Return the endpoint of a file that all may see."""

    def endpoint(_: Request) -> Response:
        headers = {"Cache-Control": "public, max-age=300", "X-Content-Type-Options": "nosniff"}
        content = (HERE / "static" / name).read_bytes()
        return Response(content, media_type=media_type, headers=headers)

    return endpoint
