"""The interface of a searcher under comparison."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.judged import Doc

Ranked = list[str]
Rank = Callable[[Sequence[str]], list[Ranked]]
"""Ranks documents for each of many queries: ten ids a query, best first."""

Index = Callable[[Sequence[Doc], str, Path], Rank]
"""Indexes the documents of one language, in a folder of its own, and returns how to search them."""
