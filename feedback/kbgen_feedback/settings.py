"""Everything an operator can set: how the collector runs, and what counts as a flag."""

import ipaddress
import os
import sys
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from kbgen_feedback.similarity import LONGEST
from kbgen_search.errors import KbError

PREFIX = "KBGEN_"
_LAST_PORT = 65535


def _set(default: Any, help_: str, least: float = 0, most: float = sys.maxsize) -> Any:
    """Return a dataclass field with its default, the sentence that explains it, and its bounds."""
    return field(default=default, metadata={"help": help_, "least": least, "most": most})


@dataclass(frozen=True)
class Rules:
    """The definitions behind every signal and flag; pure functions take this and nothing else."""

    visit_gap_s: int = _set(1800, "A visit ends when a reader is silent for longer than this.")
    settled_query_s: int = _set(
        30, "A query that resembles the one before it within this time is still being typed."
    )
    settled_query_distance: float = _set(
        0.35, "Relative edit distance up to which two queries resemble each other.", most=1
    )
    episode_gap_s: int = _set(
        300, "Queries further apart than this belong to different search episodes."
    )
    reworded_gap_s: int = _set(
        60, "A query this soon after an unsatisfied one is about the same need, whatever its words."
    )
    vague_share: float = _set(
        0.15,
        "Share of articles unlike the site's others, as imagined before their evidence.",
        least=0.01,
        most=0.9,
    )
    content_gap_share: float = _set(
        0.5, "Share of a content gap's searches that must have stayed unanswered.", most=1
    )
    surge_readers: int = _set(
        5,
        "Readers of two days from which a query can be one that is asked unusually often.",
        least=3,
    )
    surge_factor: float = _set(3, "How many times as many as usual they must be.", least=1)
    surge_chance: float = _set(
        0.01, "Chance up to which that counts as no chance, of all queries taken together.", most=1
    )
    scanner_addresses: int = _set(
        5, "A reader who meets this many missing addresses in a day is a scanner."
    )
    episode_similarity: float = _set(
        0.5, "Trigram Jaccard from which two queries are about one need.", most=1
    )
    episode_overlap: float = _set(
        0.5, "Overlap of two result lists from which their queries are about one need.", most=1
    )
    satisfied_share: float = _set(
        0.25, "Share of the reading time after which a click counts as satisfied.", most=1
    )
    satisfied_min_s: float = _set(8, "A click is never satisfied sooner than this.")
    satisfied_max_s: float = _set(30, "A click is always satisfied after this.")
    satisfied_unknown_s: float = _set(15, "The same, for an article whose length is not known.")
    reading_words_per_minute: int = _set(
        238, "Reading speed (Brysbaert 2019, silent reading of English).", least=1
    )
    contact_within_s: int = _set(
        600, "A request for help this soon after a search makes the search failed."
    )
    failed_no_result: float = _set(1.0, "Weight of a search without results.", most=1)
    failed_contact: float = _set(
        1.0, "Weight of a search that ended with a request for help.", most=1
    )
    failed_reformulated: float = _set(
        0.75, "Weight of a search that was reformulated and never satisfied.", most=1
    )
    failed_quick_return: float = _set(
        0.5, "Weight of a search whose results were opened and soon left.", most=1
    )
    failed_no_click: float = _set(0.25, "Weight of a search without any click.", most=1)
    top_results: int = _set(
        3, "An article that is not among this many first results was not found there.", least=1
    )
    vote_visible_s: float = _set(5, "A vote counts when the page was visible for this long.")
    prior_min_articles: int = _set(
        10, "The site's own prior is fitted when this many articles have evidence.", least=1
    )
    prior_strength_min: float = _set(
        3, "Lower bound of the prior's strength (its number of imagined votes).", least=0.1
    )
    prior_strength_max: float = _set(30, "Upper bound of the prior's strength.", least=0.1)
    prior_yes: float = _set(
        6, "Imagined yes votes of the prior before the site has its own.", least=0.1
    )
    prior_no: float = _set(
        2, "Imagined no votes of the prior before the site has its own.", least=0.1
    )
    prior_unclear: float = _set(
        1, "Imagined reasons of ambiguity of the prior before the site has its own.", least=0.1
    )
    prior_clear: float = _set(
        3, "Imagined other reasons of the prior before the site has its own.", least=0.1
    )
    half_life_days: float = _set(90, "Evidence counts half after this many days.", least=1)
    horizon_days: int = _set(365, "Evidence older than this is not read.", least=1)
    major_edit_share: float = _set(
        0.2, "An edit that changes more of the text than this is a major one.", most=1
    )
    major_edit_discount: float = _set(
        0.25, "A major edit multiplies the evidence before it by this.", most=1
    )
    watch_confidence: float = _set(0.75, "An article is watched above this probability.", most=1)
    watch_n: int = _set(3, "An article is watched from this much evidence.")
    flag_confidence: float = _set(0.90, "An article is flagged above this probability.", most=1)
    flag_n: int = _set(5, "An article is flagged from this much evidence.")
    hard_to_find_false: float = _set(
        0.08,
        "Share of the articles flagged as hard to find that may be expected to be false.",
        most=1,
    )
    change_chance: float = _set(
        0.005, "Probability that a miss rate changed between two of ten times in a year.", most=0.1
    )
    hard_to_find_floor: float = _set(0.35, "Miss rates up to this are never hard to find.", most=1)
    hard_to_find_margin: float = _set(
        0.15, "Hard to find is this much above the site's mean miss rate.", most=1
    )
    unhelpful_ceiling: float = _set(
        0.60, "A yes rate below this is unhelpful on every site.", most=1
    )
    unhelpful_margin: float = _set(
        0.15, "A yes rate this much below the site's mean is unhelpful, too.", most=1
    )
    split_low: float = _set(0.35, "Votes are split above this yes rate.", most=1)
    split_high: float = _set(0.65, "Votes are split below this yes rate.", most=1)
    split_confidence: float = _set(0.80, "Probability from which votes are called split.", most=1)
    split_n: int = _set(10, "Votes needed before they can be called split.")
    split_each: int = _set(3, "Votes needed on either side before they can be called split.")
    reasons_n: int = _set(3, "No votes with a reason of ambiguity needed.")
    reasons_share: float = _set(1 / 3, "Share of the reasons that point to ambiguity.", most=1)
    mixed_n: int = _set(5, "Votes needed in either group of readers.")
    confusable_n: int = _set(
        5, "Clicks of one query needed before two articles are called confusable."
    )
    confusable_share: float = _set(
        0.25, "Share of a query's clicks that each of two confusable articles has.", most=1
    )
    confusable_bounce: float = _set(0.4, "Share of those clicks that were left at once.", most=1)
    content_gap_days: int = _set(28, "Failed queries of this many days are clustered.", least=1)
    content_gap_reader_days: int = _set(3, "Distinct reader-days that a content gap needs.")
    content_gap_weight: float = _set(
        3, "Summed weight of failed searches that a content gap needs."
    )
    content_gap_similarity: float = _set(
        0.5, "Likeness of folded queries from which they are one cluster.", most=1
    )
    broken_inbound_days: int = _set(
        28, "Addresses followed in this many days are counted.", least=1
    )
    broken_inbound_reader_days: int = _set(3, "Distinct reader-days that a broken address needs.")
    shared_readers: int = _set(
        2, "Other readers of a failed query who must have ended on one article."
    )
    shared_share: float = _set(
        0.6, "Share of those readers who must have ended on that article.", most=1
    )
    shared_least: float = _set(
        0.2, "Share of all readers of a query who must have ended on that article.", most=1
    )
    verify_confidence: float = _set(
        0.90, "A fix is proven above this probability of being better than before.", most=1
    )
    verify_n: int = _set(5, "A fix is proven from this much evidence after it.")
    verify_quiet_days: int = _set(
        28, "A fix of a search is proven after this many days without a new failure."
    )
    unproven_days: int = _set(60, "A fix without proof after this many days is called unproven.")
    dismissed_days: int = _set(90, "A dismissed flag is quiet for this many days.")
    expired_days: int = _set(90, "A flag without evidence for this many days expires.")
    digest_per_owner: int = _set(5, "New flags a week that reach one owner.")
    query_reader_days: int = _set(3, "A query's text is shown once this many reader-days share it.")
    hog_votes_a_day: int = _set(15, "A reader with this many votes in a day is quarantined.")
    hog_article_share: float = _set(
        0.2, "A reader who votes on more than this share of the articles is quarantined.", most=1
    )
    hog_min_articles: int = _set(6, "...but never for fewer articles than this.")
    burst_factor: float = _set(
        5, "Votes on one article in a day above this multiple of its mean are a burst."
    )
    burst_min: int = _set(10, "A burst has at least this many votes.")
    burst_share: float = _set(
        0.6, "A burst is held when more than this share comes from one network or browser.", most=1
    )


@dataclass(frozen=True)
class Settings:
    """How the collector runs: addresses, limits, retention, desk and notices."""

    host: str = _set("127.0.0.1", "Address to listen on.")
    port: int = _set(8400, "Port to listen on.", least=1, most=_LAST_PORT)
    database: str = _set("kbgen-feedback.sqlite3", "Database: a file name or an SQLAlchemy URL.")
    site: str = _set("site", "Folder of the built site; its kb-manifest.json names the articles.")
    index: str = _set(".kbgen/index", "Search index of the newest build, to rerun failed searches.")
    site_key: str = _set("default", "Name of this site where several share one database.")
    origins: tuple[str, ...] = _set(
        (), "Origins that may send events; the manifest's site URL when empty."
    )
    allow_null_origin: bool = _set(
        False, "Accept pages opened from file:// (always when the site is an offline one)."
    )
    trusted_proxies: tuple[str, ...] = _set(
        (), "Addresses or networks whose X-Forwarded-For is believed."
    )
    desk_password: str = _set("", "Password of the desk; made and printed once when never set.")
    desk_password_file: str = _set("", "File whose first line is the desk's password.")
    desk_session_h: int = _set(12, "Hours until an editor has to log in again.", least=1)
    desk_logins_a_minute: int = _set(
        5, "Failed logins a minute and address before the desk says wait.", least=1
    )
    body_bytes: int = _set(8192, "Largest request body.", least=1)
    body_timeout_s: float = _set(10.0, "Seconds a client has to send its body.")
    batch_events: int = _set(20, "Most events in one request.", least=1)
    late_days: int = _set(7, "Events older than this are dropped.")
    early_s: int = _set(300, "Events further in the future than this get the time of arrival.")
    early_drop_s: int = _set(86400, "Events further in the future than this are dropped.")
    query_chars: int = _set(200, "Characters kept of a query.", least=1, most=LONGEST)
    comment_chars: int = _set(1000, "Characters kept of a comment.")
    votes_a_minute: int = _set(3, "Votes a reader has in a minute.")
    votes_a_day: int = _set(10, "Votes a reader has in a day.")
    comments_a_minute: int = _set(1, "Comments a reader has in a minute.")
    comments_a_day: int = _set(5, "Comments a reader has in a day.")
    searches_a_minute: int = _set(60, "Searches a reader has in a minute.")
    requests_a_second: float = _set(4.0, "Requests a second and address (of IPv6, its /64).")
    requests_burst: int = _set(40, "Requests an address may send at once.")
    key_hours: int = _set(
        24, "Hours after which readers get new ids; the key is destroyed after twice that.", least=1
    )
    raw_days: int = _set(30, "Days that raw events are kept.", least=1)
    query_days: int = _set(90, "Days that the text of queries and comments is kept.", least=1)
    aggregate_days: int = _set(761, "Days that daily sums are kept (25 months).", least=1)
    queue_events: int = _set(
        20000, "Events waiting to be stored before the collector says 503.", least=1
    )
    retry_after_s: int = _set(5, "Seconds after which a client told 503 may come back.", least=1)
    refresh_s: int = _set(900, "Seconds between two looks for new evidence.", least=1)
    webhook_url: str = _set("", "https address that gets the digest of new flags as JSON.")
    webhook_hosts: tuple[str, ...] = _set((), "Hosts that webhooks may go to.")
    webhook_private: bool = _set(
        False, "Let webhooks go by http and to private addresses: a chat of your own network."
    )
    public_url: str = _set("", "Address under which editors reach the desk, for links in notices.")
    metrics_token: str = _set("", "When set, /v1/metrics wants it as a bearer token.")
    rules: Rules = field(default_factory=Rules)


def table() -> list[tuple[str, Any, str]]:
    """Return (name, default, explanation) of every setting, the collector's first."""
    own = [one for one in fields(Settings) if one.name != "rules"]
    return [(one.name, one.default, one.metadata["help"]) for one in [*own, *fields(Rules)]]


def line(name: str, default: Any, explanation: str) -> str:
    """Return a setting as a line of the table in the documentation."""
    shown = (
        ", ".join(default)
        if isinstance(default, tuple)
        else f"{default:.4g}"
        if (isinstance(default, float))
        else str(default)
    )
    return f"| `{name}` | {f'`{shown}`' if shown else 'none'} | {explanation} |"


def load(
    file: Path | None = None,
    environ: Mapping[str, str] = os.environ,
    **flags: Any,
) -> Settings:
    """Return the settings of a TOML file, the environment over it, and flags over both.

    Args:
        file: a `feedback.toml`; the one in the working directory is read when it is there.
        environ: variables named KBGEN_ and the setting's name in capitals; lists by comma.
        flags: settings given on the command line; None means not given.

    Raises:
        KbError: a setting that does not exist, or a value that is none.
    """
    found = {**_from_file(file), **_from_environment(environ)}
    found |= {name: value for name, value in flags.items() if value is not None}
    rules = {one.name for one in fields(Rules)}
    settings = Settings(
        rules=Rules(**{name: value for name, value in found.items() if name in rules}),
        **{name: value for name, value in found.items() if name not in rules},
    )
    return _checked(settings)


def _checked(settings: Settings) -> Settings:
    """Refuse settings that cannot be meant, or contradict each other."""
    for one in (settings, settings.rules):
        _check_numbers(one)
    if not settings.host:
        raise KbError("'' is no value for the setting 'host'", remedy="give an address")
    for network in settings.trusted_proxies:
        _check_network(network)
    for origin in settings.origins:
        _check_origin(origin)
    if settings.raw_days < settings.late_days + 2:
        message = f"raw_days is {settings.raw_days}, late_days {settings.late_days}"
        remedy = "keep raw events for at least two days longer than late ones are accepted"
        raise KbError(message, remedy=remedy)
    return settings


def _check_numbers(settings: "Settings | Rules") -> None:
    for one in fields(settings):
        value = getattr(settings, one.name)
        least, most = one.metadata.get("least", 0), one.metadata.get("most", sys.maxsize)
        if isinstance(value, int | float) and not least <= value <= most:
            message = f"'{value}' is no value for the setting '{one.name}'"
            range_ = f"from {least:g} on" if most == sys.maxsize else f"from {least:g} to {most:g}"
            raise KbError(message, remedy=f"give a number {range_}")


def _check_network(network: str) -> None:
    try:
        ipaddress.ip_network(network, strict=False)
    except ValueError as error:
        message = f"'{network}' is no address for the setting 'trusted_proxies'"
        raise KbError(message, remedy="give addresses or networks such as 10.0.0.0/8") from error


def _check_origin(origin: str) -> None:
    parts = urlsplit(origin)
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path.strip("/"):
        message = f"'{origin}' is no origin for the setting 'origins'"
        raise KbError(
            message, remedy="give scheme and host alone, such as https://docs.example.com"
        )


def _known() -> dict[str, Field[Any]]:
    return {one.name: one for one in [*fields(Settings), *fields(Rules)] if one.name != "rules"}


def _from_file(file: Path | None) -> dict[str, Any]:
    path = file or Path("feedback.toml")
    if file is None and not path.is_file():
        return {}
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise KbError("cannot read the settings", file=path, remedy=str(error)) from error
    except ValueError as error:
        raise KbError(f"not valid TOML: {error}", file=path) from error
    known = _known()
    for name in given:
        if name not in known:
            raise KbError(
                f"unknown setting '{name}'", file=path, remedy="see the table of settings"
            )
    return {name: _typed(known[name], value, str(path)) for name, value in given.items()}


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    return {
        name: _typed(one, environ[variable], variable)
        for name, one in _known().items()
        if (variable := PREFIX + name.upper()) in environ
    }


def _typed(one: Field[Any], value: Any, place: str) -> Any:
    """Return `value` as the type of the setting's default."""
    kind = tuple if isinstance(one.default, tuple) else one.type
    try:
        return _READERS[kind](value)
    except (TypeError, ValueError, OverflowError) as error:
        message = f"'{value}' is no value for the setting '{one.name}'"
        raise KbError(message, file=place, remedy=one.metadata["help"]) from error


def _list(value: Any) -> tuple[str, ...]:
    parts = value.split(",") if isinstance(value, str) else value
    return tuple(str(part).strip() for part in parts if str(part).strip())


def _whole(value: Any) -> int:
    number = int(value)
    if isinstance(value, bool) or (isinstance(value, float) and number != value):
        raise ValueError(value)
    return number


def _number(value: Any) -> float:
    if isinstance(value, bool):
        raise TypeError(value)
    return float(value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _truth(value: Any) -> bool:
    if str(value).lower() in {"1", "true", "yes", "on"}:
        return True
    if str(value).lower() in {"0", "false", "no", "off", ""}:
        return False
    raise ValueError(value)


_READERS: dict[Any, Callable[[Any], Any]] = {
    tuple: _list,
    bool: _truth,
    int: _whole,
    float: _number,
    str: _text,
}
