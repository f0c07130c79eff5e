"""Tell owners of new flags, a few a week, by webhook to hosts that the operator allows."""

import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import httpx

from kbgen_feedback import flagbook, listing
from kbgen_feedback.export import as_markdown
from kbgen_feedback.lifecycle import DAY_MS, Flag, Step
from kbgen_feedback.settings import Settings
from kbgen_feedback.store.database import Store
from kbgen_search.errors import KbError

log = logging.getLogger("kbgen.collector")

NEW = frozenset({"open", "assigned", "reopened"})
TIMEOUT_S = 10.0


def due(flags: Iterable[Flag], per_owner: int, now: int) -> list[Flag]:
    """Return the flags to announce now: the costliest first, so many a week and owner."""
    flags = list(flags)
    week = now - 7 * DAY_MS
    told = Counter(flag.owner for flag in flags if flag.announced and flag.announced > week)
    waiting = [flag for flag in flags if flag.state in NEW and flag.announced is None]
    chosen = []
    for flag in sorted(waiting, key=lambda one: (-one.finding.get("wasted", 0), one.id)):
        if told[flag.owner] < per_owner:
            told[flag.owner] += 1
            chosen.append(flag)
    return chosen


def message(flags: Sequence[Flag], desk: str) -> dict[str, Any]:
    """Return the digest as JSON: `text` for chats, `flags` for programs."""
    rows = [listing.flag_json(flag, None) for flag in flags]
    return {"text": as_markdown(rows) + (f"\n{desk}" if desk else ""), "flags": rows}


def check_target(url: str, hosts: Iterable[str]) -> None:
    """Refuse a webhook that is not https to an allowed host.

    Raises:
        KbError: it is not.
    """
    parts = urlsplit(url)
    allowed = {host.lower() for host in hosts}
    if parts.scheme != "https" or (parts.hostname or "") not in allowed or parts.username:
        remedy = "webhooks go only by https to hosts in the setting webhook_hosts"
        raise KbError(f"no webhook to {parts.hostname or url}", remedy=remedy)


def announce(store: Store, settings: Settings, now: int) -> int:
    """Send the digest of new flags, if there are any; return how many.

    A flag counts as announced only when the other side has taken it.

    Raises:
        KbError: the webhook's address is not allowed.
    """
    if not settings.webhook_url:
        return 0
    check_target(settings.webhook_url, settings.webhook_hosts)
    flags = due(flagbook.flags(store), settings.rules.digest_per_owner, now)
    if not flags or not send(settings.webhook_url, message(flags, settings.public_url)):
        return 0
    steps = [Step(replace(flag, announced=now), "announced") for flag in flags]
    flagbook.save(store, steps, "kbgen", now)
    return len(flags)


def send(url: str, body: dict[str, Any]) -> bool:
    """Post a body; return whether it was taken. Redirects are not followed."""
    try:
        answer = httpx.post(url, json=body, timeout=TIMEOUT_S, follow_redirects=False)
    except httpx.HTTPError as error:
        log.warning("webhook failed", extra={"fields": {"error": type(error).__name__}})
        return False
    if not answer.is_success:
        log.warning("webhook refused", extra={"fields": {"status": answer.status_code}})
    return answer.is_success
