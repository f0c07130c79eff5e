"""What readers may say is wrong with an article."""

from typing import Literal, get_args

Reason = Literal[
    "hard_to_understand",
    "hard_to_find",
    "missing_information",
    "wrong_or_outdated",
    "wrong_product_or_version",
    "something_broken",
    "other",
]
REASONS: tuple[str, ...] = get_args(Reason)
