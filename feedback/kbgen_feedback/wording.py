"""Flags in plain words: what readers met, how sure that is, what to do about it."""

from collections.abc import Mapping
from typing import Any

from kbgen_feedback.findings import words_for

KINDS = {
    "hard_to_find": "Hard to find",
    "ambiguous": "Unclear",
    "unhelpful": "Not helpful",
    "content_gap": "Missing article",
    "broken_inbound": "Broken address",
}
STATES = {
    "watch": "being watched",
    "open": "open",
    "assigned": "assigned",
    "claimed": "fix claimed",
    "verifying": "waiting for proof",
    "verified": "fixed",
    "reopened": "open again",
    "unproven": "fix not proven",
    "dismissed": "dismissed",
    "merged": "part of another",
    "expired": "over",
    "not_enough_evidence": "not enough evidence yet",
}
ACTIONS = STATES | {"verified": "proven fixed", "resolved": "marked as fixed"}
REASONS = {
    "hard_to_understand": "hard to understand",
    "hard_to_find": "hard to find",
    "missing_information": "missing information",
    "wrong_or_outdated": "wrong or outdated",
    "wrong_product_or_version": "wrong product or version",
    "something_broken": "something is broken",
    "other": "something else",
}
FAILURES = {
    "no_result": "found nothing",
    "contact": "asked for help",
    "reformulated": "tried other words and gave up",
    "quick_return": "opened a result and left it at once",
    "no_click": "opened nothing",
}
ADVICE = {
    "hard_to_find": "Use the readers' words in the title, the headings, or as questions at the top "
    "of the file; kbgen check then tells whether search finds it.",
    "ambiguous": "Say in the first lines whom and which version it is for; split it when it "
    "answers two questions.",
    "unhelpful": "Read the reasons and comments below; a fix is proven by the next votes.",
    "content_gap": "Write the article, or add these words to the one that answers; then claim the "
    "fix and name it.",
    "broken_inbound": "Add a redirect from this address, or mend the link that leads to it.",
}


def plural(n: float, one: str, many: str) -> str:
    """Return a count with its noun."""
    return f"{n:.12g} {one if n == 1 else many}"


def usually(readers: float) -> str:
    """Return how many readers would be usual."""
    return f"usually {readers:.0f}" if readers >= 1 else "usually fewer than 1"


def sentence(kind: str, evidence: Mapping[str, Any]) -> str:
    """Return the evidence of a flag in one sentence."""
    return _SENTENCES[kind](evidence)


def _hard_to_find(e: Mapping[str, Any]) -> str:
    told = (
        f"{e['misses']} of {plural(e['trials'], 'reader', 'readers')} who searched for it "
        "did not find it among the first results at once"
    )
    if "recent_trials" not in e or e["recent_trials"] == e["trials"]:
        return f"{told}."
    return f"{told}; in the last four weeks {e['recent_misses']} of {e['recent_trials']}."


def _unhelpful(e: Mapping[str, Any]) -> str:
    votes = plural(e["yes"] + e["no"], "vote says", "votes say")
    return f"{e['no']} of {votes} that it did not help."


def _ambiguous(e: Mapping[str, Any]) -> str:
    yes, no = e["yes"], e["no"]
    if e.get("sign") == "reasons":
        return "Readers say that it is hard to understand, or for another product or version."
    if e.get("sign") == "mixed intents":
        return f"Readers who come by some queries say yes, others no ({yes} yes, {no} no)."
    if e.get("sign") == "mixed locales":
        return "Readers of this language say no, those of the others yes."
    return f"Readers disagree: {yes} say that it helped, {no} that it did not."


def _content_gap(e: Mapping[str, Any]) -> str:
    return (
        f"{plural(e['searches'], 'search', 'searches')} on "
        f"{plural(e['reader_days'], 'reader-day', 'reader-days')} found no answer."
    )


def _broken(e: Mapping[str, Any]) -> str:
    return f"{plural(e['visits'], 'visit', 'visits')} to an address that does not exist."


_SENTENCES = {
    "hard_to_find": _hard_to_find,
    "unhelpful": _unhelpful,
    "ambiguous": _ambiguous,
    "content_gap": _content_gap,
    "broken_inbound": _broken,
}


def details(evidence: Mapping[str, Any]) -> list[str]:
    """Return further facts of the evidence, a line each."""
    lines = [f"{n} said: {REASONS[reason]}" for reason, n in evidence.get("reasons", {}).items()]
    lines += [f"{n} {FAILURES[kind]}" for kind, n in evidence.get("failed", {}).items()]
    if views := evidence.get("views_per_week"):
        lines.append(f"about {plural(round(views), 'view', 'views')} a week")
    if hidden := evidence.get("queries_hidden"):
        lines.append(f"{plural(hidden, 'query', 'queries')} too rare to be shown")
    return lines


def confidence(value: float) -> str:
    """Return a probability in words and in numbers."""
    shown = "over 99" if value > 0.99 else f"{value * 100:.0f}"
    return f"{words_for(value)} ({shown} %)"


def cost(wasted: float) -> str:
    """Return the expected wasted visits a week in words."""
    if wasted < 1:
        return "less than one wasted visit a week"
    return f"about {plural(round(wasted), 'wasted visit', 'wasted visits')} a week"


def needs(more: int | None, kind: str) -> str:
    """Return what a finding still lacks, in words; nothing when it lacks nothing."""
    if not more:
        return ""
    by_vote = kind in {"unhelpful", "ambiguous"}
    unit = ("vote", "votes") if by_vote else ("search", "searches")
    return f"needs about {plural(more, 'more ' + unit[0], 'more ' + unit[1])}"
