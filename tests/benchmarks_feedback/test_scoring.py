"""Verdicts, delays and wasted visits are counted as the documentation says."""

from benchmarks.feedback import rules
from benchmarks.feedback.rules import Ballot
from benchmarks.feedback.scoring import Raised, delay, judge, score, total
from benchmarks.feedback.truth import Fault

HARD = Fault("hard_to_find", "a", 10, 100, "hard_to_find", {12: 3, 50: 7})
VAGUE = Fault("unhelpful", "b", 0, 1000, "unhelpful", {1: 5})
FAULTS = [HARD, VAGUE]


def raised(day: int, kind: str, subject: str, n: float = 5) -> Raised:
    return Raised(day, kind, (subject,), n)


def test_a_flag_is_right_only_for_its_kind_and_while_the_fault_is_there() -> None:
    assert judge(raised(20, "hard_to_find", "a"), FAULTS) == "right"
    assert judge(raised(20, "unhelpful", "a"), FAULTS) == "misnamed"
    assert judge(raised(9, "hard_to_find", "a"), FAULTS) == "false"
    assert judge(raised(20, "hard_to_find", "c"), FAULTS) == "false"


def test_a_fault_of_one_language_is_not_found_by_a_flag_on_another() -> None:
    spanish = Fault("hard_to_find", "d", 0, 100, "", {1: 1}, "es")
    flags = {locale: Raised(9, "hard_to_find", ("d",), 5, locale) for locale in ("en", "es", "")}
    verdicts = {locale: judge(flag, [spanish]) for locale, flag in flags.items()}
    assert verdicts == {"en": "false", "es": "right", "": "right"}


def test_evidence_of_a_fixed_fault_may_raise_a_flag_for_28_days() -> None:
    assert judge(raised(127, "hard_to_find", "a"), FAULTS) == "right"
    assert judge(raised(128, "hard_to_find", "a"), FAULTS) == "false"


def test_the_delay_runs_from_the_faults_beginning_to_the_first_right_flag() -> None:
    flags = [raised(7, "hard_to_find", "a"), raised(35, "hard_to_find", "a")]
    assert delay(HARD, flags) == 25
    assert delay(HARD, []) is None


def test_wasted_visits_count_as_flagged_only_in_time() -> None:
    late = score("hard_to_find", [raised(40, "hard_to_find", "a")], FAULTS)
    assert (late.wasted_visits, late.wasted_flagged_in_28, late.found) == (10, 0, 1)
    soon = score("hard_to_find", [raised(24, "hard_to_find", "a")], FAULTS)
    assert (soon.wasted_flagged_in_28, soon.wasted_flagged_in_14) == (10, 10)


def test_a_flag_without_evidence_is_counted() -> None:
    assert score("unhelpful", [raised(3, "unhelpful", "b", 0)], FAULTS).zero_evidence == 1


def test_shares_of_nothing_are_none() -> None:
    nothing = score("content_gap", [], FAULTS)
    assert (nothing.precision, nothing.recall, nothing.false_share) == (None, None, None)


def test_scores_add_up() -> None:
    one = score("hard_to_find", [raised(20, "hard_to_find", "a")], FAULTS)
    two = score("unhelpful", [raised(20, "unhelpful", "c")], FAULTS)
    both = total([one, two], "all")
    assert (both.flags, both.right, both.false, both.faults) == (2, 1, 1, 2)


def test_the_rules_teams_use_read_what_they_say() -> None:
    votes = [Ballot(1, "p", False), Ballot(2, "p", False), Ballot(2, "p", True)]
    assert rules.more_no_than_yes(votes, 7) == {"p"}
    assert rules.more_no_than_yes(votes, 10) == set()
    assert rules.under_sixty(votes, 7) == set()
    assert rules.under_sixty([*votes, *votes], 7) == {"p"}


def test_a_rules_flag_counts_once_while_it_stands() -> None:
    votes = [Ballot(day, "p", False) for day in (1, 8)] + [Ballot(30, "p", False)]
    flags = rules.readings("more no than yes in 7 days", votes, range(7, 43, 7))
    assert [flag.day for flag in flags] == [7, 35]
