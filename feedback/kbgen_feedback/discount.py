"""How much old evidence still counts: it fades by the day, and a major edit cuts it down."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from kbgen_feedback.evidence import Edit, Key, Resolver
from kbgen_feedback.settings import Rules

Timelines = Mapping[Key, Sequence[Edit]]


def timelines(edits: Iterable[Edit], resolver: Resolver) -> dict[Key, list[Edit]]:
    """Return each article's revisions in the order they appeared, each once."""
    found: defaultdict[Key, dict[str, Edit]] = defaultdict(dict)
    for edit in edits:
        key = resolver.key(edit.page, edit.locale)
        if key is not None and edit.revision:
            known = found[key].get(edit.revision)
            found[key][edit.revision] = _earlier(known, edit) if known else edit
    return {key: sorted(one.values(), key=lambda e: e.day) for key, one in found.items()}


def _earlier(one: Edit, two: Edit) -> Edit:
    """Return the earlier sight of a revision, with what either knows of its extent."""
    changed = two.changed if one.changed is None else one.changed
    return msgspec.structs.replace(min(one, two, key=lambda edit: edit.day), changed=changed)


def faded(day: int, as_of: int, rules: Rules) -> float:
    """Return .5 ** (age / half-life); 0 beyond the horizon."""
    age = as_of - day
    return 0.5 ** (age / rules.half_life_days) if 0 <= age <= rules.horizon_days else 0.0


def is_major(edit: Edit, rules: Rules) -> bool:
    """Return whether an edit changed much of the text; one that nobody measured did."""
    return edit.changed is None or edit.changed > rules.major_edit_share


def since_revision(timeline: Sequence[Edit], revision: str, day: int, rules: Rules) -> float:
    """Return the discount of evidence on one revision: one factor for each major edit after it."""
    for i, edit in enumerate(timeline):
        if edit.revision == revision:
            return _factor(timeline[i + 1 :], rules)
    return since_day(timeline, day, rules)


def since_day(timeline: Sequence[Edit], day: int, rules: Rules) -> float:
    """Return the discount of evidence of one day: one factor for each major edit after it."""
    if len(timeline) < 2:
        return 1.0
    start = bisect_right([edit.day for edit in timeline], day)
    return _factor(timeline[max(start, 1) :], rules)


def _factor(edits: Sequence[Edit], rules: Rules) -> float:
    # The first revision of an article is no edit; slices that begin at 1 leave it out.
    return rules.major_edit_discount ** sum(is_major(edit, rules) for edit in edits)
