"""Tell owners of new flags, a few a week, by webhook to hosts that the operator allows."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from kbgen_feedback import flagbook, listing, webhook
from kbgen_feedback.export import as_markdown
from kbgen_feedback.lifecycle import DAY_MS, Flag, Step
from kbgen_feedback.settings import Settings
from kbgen_feedback.store.database import Store
from kbgen_feedback.store.record import Batch, day_of, record

NEW = frozenset({"open", "assigned", "reopened"})


def due(flags: Iterable[Flag], per_owner: int, now: int) -> list[Flag]:
    """Return the flags to announce now: the costliest first, so many a week and owner.

    One that was told, mended and is open again is told again.
    """
    flags = list(flags)
    week = now - 7 * DAY_MS
    told = Counter(flag.owner for flag in flags if flag.announced and flag.announced > week)
    waiting = [flag for flag in flags if flag.state in NEW and not _is_told(flag)]
    chosen = []
    for flag in sorted(waiting, key=lambda one: (-one.finding.get("wasted", 0), one.id)):
        if told[flag.owner] < per_owner:
            told[flag.owner] += 1
            chosen.append(flag)
    return chosen


def _is_told(flag: Flag) -> bool:
    return flag.announced is not None and flag.announced >= flag.since


def message(flags: Sequence[Flag], desk: str) -> dict[str, Any]:
    """Return the digest as JSON: `text` for chats, `flags` for programs."""
    rows = [listing.flag_json(flag, None) for flag in flags]
    return {"text": as_markdown(rows) + (f"\n{desk}" if desk else ""), "flags": rows}


def announce(store: Store, settings: Settings, now: int) -> int:
    """Send the digest of new flags, if there are any; return how many.

    A flag counts as announced only when the other side has taken it; what went wrong is counted
    by its name.

    Raises:
        KbError: the webhook's address is not allowed.
    """
    if not settings.webhook_url:
        return 0
    private = settings.webhook_private
    webhook.check_target(settings.webhook_url, settings.webhook_hosts, private)
    flags = due(flagbook.flags(store), settings.rules.digest_per_owner, now)
    if not flags:
        return 0
    if wrong := webhook.send(settings.webhook_url, message(flags, settings.public_url), private):
        with store.write() as connection:
            record(store, connection, [Batch((), {(day_of(now), wrong): 1})])
        return 0
    steps = [Step(replace(flag, announced=now), "announced") for flag in flags]
    flagbook.save(store, steps, "kbgen", now)
    return len(flags)
