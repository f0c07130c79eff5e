"""How well judged queries are answered: the usual measures, each between 0 and 1."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from kbgen_search.errors import KbError

CUT = 10
MOST = 100  # relevance: gains are powers of two, which end somewhere
Judgements = Mapping[str, Mapping[str, float]]


class Measures(msgspec.Struct, frozen=True):
    """Means over queries; `zero_results` is the share of queries that found nothing."""

    queries: int
    ndcg_10: float
    mrr_10: float
    recall_10: float
    success_1: float
    success_3: float
    zero_results: float


def ndcg(pages: Sequence[str], judged: Mapping[str, float]) -> float:
    """Return nDCG at 10 with gains 2^rel - 1 (Burges et al., ICML 2005); 0 if all are 0."""
    gains = [2 ** judged.get(page, 0.0) - 1 for page in pages[:CUT]]
    best = sorted((2**rel - 1 for rel in judged.values()), reverse=True)[:CUT]
    ideal = _discounted(best)
    return _discounted(gains) / ideal if ideal else 0.0


def reciprocal_rank(pages: Sequence[str], judged: Mapping[str, float]) -> float:
    """Return 1 / the rank of the first relevant page among the first 10, 0 without one."""
    ranks = (rank for rank, page in enumerate(pages[:CUT], 1) if judged.get(page, 0) > 0)
    return next((1 / rank for rank in ranks), 0.0)


def recall(pages: Sequence[str], judged: Mapping[str, float]) -> float:
    """Return the share of the relevant pages that are among the first 10."""
    relevant = {page for page, rel in judged.items() if rel > 0}
    return len(relevant.intersection(pages[:CUT])) / len(relevant) if relevant else 0.0


def success(pages: Sequence[str], judged: Mapping[str, float], top: int) -> bool:
    """Tell whether a relevant page is among the first `top`."""
    return any(judged.get(page, 0) > 0 for page in pages[:top])


def measure(found: Mapping[str, Sequence[str]], judgements: Judgements) -> Measures:
    """Return the means over the judged queries; `found` has the ranked pages of each query.

    Queries without judgements are left out.

    Raises:
        KbError: no query has judgements.
    """
    pairs = [(found[query], judged) for query, judged in judgements.items() if query in found]
    if not pairs:
        raise KbError("no query has a judgement", remedy="use the same ids in both files")
    mean = _Mean(len(pairs))
    return Measures(
        len(pairs),
        mean(ndcg(*pair) for pair in pairs),
        mean(reciprocal_rank(*pair) for pair in pairs),
        mean(recall(*pair) for pair in pairs),
        mean(success(*pair, 1) for pair in pairs),
        mean(success(*pair, 3) for pair in pairs),
        mean(not pages for pages, _ in pairs),
    )


def read_judgements(path: Path) -> dict[str, dict[str, float]]:
    """Return the judgements in a file of lines `query<TAB>page<TAB>relevance`.

    Raises:
        KbError: a line is of another form; tells which.
    """
    found: dict[str, dict[str, float]] = {}
    for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), 1):
        if not line.strip():
            continue
        try:
            query, page, relevance = line.split("\t")
            found.setdefault(query, {})[page] = _relevance(relevance)
        except ValueError:
            remedy = f"write query, page and relevance (up to {MOST}) with tabs between"
            raise KbError("not a judgement", file=path, line=number, remedy=remedy) from None
    return found


def _relevance(text: str) -> float:
    found = float(text)
    if not abs(found) <= MOST:  # nor is it, when this is no number
        raise ValueError(text)
    return found


class _Mean:
    def __init__(self, count: int) -> None:
        self.count = count

    def __call__(self, values: object) -> float:
        return round(math.fsum(values) / self.count, 4)  # type: ignore[arg-type]


def _discounted(gains: Sequence[float]) -> float:
    return math.fsum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, 1))
