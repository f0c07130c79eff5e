"""The declared model: every number the simulated site and its readers are made from."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Parameters:
    """What a simulation depends on; the same values give the same events, byte for byte.

    Rates are probabilities unless they say otherwise. Nothing here is known to the detector.
    """

    seed: int = 1
    start: str = "2026-01-05"
    days: int = 180
    views_per_day: int = 600
    articles: int = 200
    owners: int = 8
    zipf: float = 1.0
    spanish: float = 0.2
    weekend: float = 0.45
    """Traffic of a Saturday or Sunday as a share of a working day's."""

    # How a visit goes.
    search_first: float = 0.40
    external_first: float = 0.35
    path_first: float = 0.05
    next_page: float = 0.35
    another_search: float = 0.12
    """Visits that end with a search for something else, within a minute and a half."""
    views_per_visit: float = 1.65
    """Used only to turn views a day into visits a day."""

    # What readers type.
    everyday_words: float = 0.55
    everyday_words_on_hard: float = 0.75
    healthy_gap_in_words: float = 0.03
    """Share of healthy articles' everyday words that their text happens to lack."""
    object_only: float = 0.10
    filler: float = 0.25
    typo: float = 0.10
    typo_corrected: float = 0.85
    idle_prefix: float = 0.25

    # What they do with results.
    look_at_rank: tuple[float, ...] = (1.0, 0.97, 0.9, 0.6, 0.45, 0.35, 0.25, 0.2, 0.15, 0.15)
    click_right: float = 0.95
    click_wrong: float = 0.45
    bounce: float = 0.8
    reformulate: float = 0.6
    learn_formal_words: float = 0.6
    browse_after_search: float = 0.2
    contact: float = 0.08
    tell_what_was_missing: float = 0.04

    # Whether an article helps, and who says so.
    helped: float = 0.88
    helped_strength: float = 40.0
    """Healthy articles differ: their share of helped readers is Beta(mean, strength)."""
    helped_unhelpful: float = 0.35
    helped_split: float = 0.58
    helped_unclear: float = 0.72
    helped_mismatched: float = 0.15
    vote: float = 0.015
    unhelped_vote_more: float = 1.6
    yes_when_helped: float = 0.95
    yes_when_unhelped: float = 0.15
    says_why: float = 0.6
    comments: float = 0.15
    quick_yes: float = 0.02
    """Votes pressed before the page was visible for 5 s."""

    # What is wrong with the site.
    hard_to_find: int = 10
    unhelpful: int = 6
    split: int = 3
    unclear: int = 4
    two_meanings: int = 3
    bad_translation: int = 2
    gaps: int = 8
    dead_addresses: int = 3
    late_share: float = 0.4
    """Share of problems that begin after the first month instead of at the start."""
    fixed_share: float = 0.4
    minor_edits_a_year: float = 6.0
    major_edits_a_year: float = 1.5

    # Who is no reader.
    crawlers: int = 2
    crawler_views: int = 80
    vote_bots: int = 1
    vote_bot_votes: int = 30
    scanner_addresses: int = 15
    brigade_votes: int = 200
    brigade_days: tuple[int, ...] = (45, 120)

    def healthy(self) -> Parameters:
        """Return the same site with nothing wrong planted in it."""
        nothing = dict.fromkeys(PROBLEMS, 0)
        return Parameters(**{**asdict(self), **nothing})


PROBLEMS = (
    "hard_to_find",
    "unhelpful",
    "split",
    "unclear",
    "two_meanings",
    "bad_translation",
    "gaps",
    "dead_addresses",
)
"""The fields that plant a problem, each a number of articles, topics or addresses."""

REASONS = {
    "hard_to_understand": 0.14,
    "hard_to_find": 0.06,
    "missing_information": 0.32,
    "wrong_or_outdated": 0.16,
    "wrong_product_or_version": 0.08,
    "something_broken": 0.1,
    "other": 0.14,
}
"""How often each reason of a no is given, for a healthy or a plainly unhelpful article."""

REASONS_UNCLEAR = {**REASONS, "hard_to_understand": 0.82, "wrong_product_or_version": 0.16}
"""The same, not normalised, for an article that readers cannot follow."""
