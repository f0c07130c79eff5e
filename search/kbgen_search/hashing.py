"""The hash by which one tells whether something is made of what it was made of before."""

from hashlib import sha256
from typing import Any

import msgspec

SIZE = 16


def of(content: bytes) -> bytes:
    """Return SIZE bytes that differ when the content does.

    Today's processors have instructions for SHA-256: it takes a third of the time of BLAKE2.
    """
    return sha256(content).digest()[:SIZE]


def of_values(*values: Any) -> bytes:
    """Return the hash of values that msgspec can encode, but for sets, which have no order."""
    return of(msgspec.msgpack.encode(values))
