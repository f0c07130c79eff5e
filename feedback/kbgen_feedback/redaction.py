"""What readers type, without what could tell who they are; the widget has the same rules."""

import re

REMOVED = "…"
READ_MOST = 1000

_UNSEEN = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029\\ufeff\\ud800-\\udfff]+")
_EMAIL = re.compile(r"[^\s@<>()\[\],;:\"']+@[^\s@<>()\[\],;:\"']+\.[^\s@<>()\[\],;:\"'.]+")
_NUMBER = re.compile(r"\d(?:[ .-]?\d){8,}|\d{5,}")
_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_SECRETS = (
    re.compile(r"(?:password|passwd|pwd|secret|token|api[-_]?key)[=:].", re.IGNORECASE),
    re.compile(
        r"(?:gh[opsur]_|github_pat_|glpat-|sk[-_]|xox[abeprs]-|AKIA|ASIA|AIza|ya29\.|eyJ)"
        r"[A-Za-z0-9_.-]{10,}"
    ),
    re.compile(r"(?=[0-9a-f]*[0-9])(?=[0-9]*[a-f])[0-9a-f]{16,}", re.IGNORECASE),
    re.compile(_UUID, re.IGNORECASE),
    re.compile(r"(?=[^A-Z]*[A-Z])(?=[^a-z]*[a-z])(?=[^0-9]*[0-9])[A-Za-z0-9_+/=-]{20,}"),
    # As people choose them; not Sheet1!A1, Outer$Inner1, Login@v2, paths, assignments and calls.
    re.compile(
        r"^(?=.*[a-z])(?=.*[A-Z])(?=.*[0-9])(?=.+([!$^&](?![A-Z])|@(?!v?[0-9])))"
        r"[^/=<>()[\]{}|\\]{8,}$"
    ),
)


def query(text: str, chars: int = 200) -> str:
    """Return a query as it may be stored: one line, cut, without addresses, numbers and secrets."""
    line = " ".join(_UNSEEN.sub(" ", text[:READ_MOST]).split())
    words = _EMAIL.sub(REMOVED, line).split(" ")
    open_words = " ".join(REMOVED if is_secret(word) else word for word in words)
    return _NUMBER.sub(REMOVED, open_words)[:chars].strip()


def is_secret(word: str) -> bool:
    """Return whether a word looks like a password, key or token."""
    return any(rule.search(word) for rule in _SECRETS)


def comment(text: str, chars: int = 1000) -> str:
    """Return a comment as it may be stored: line breaks kept, control characters not."""
    lines = (" ".join(_UNSEEN.sub(" ", line).split()) for line in text.split("\n"))
    return "\n".join(lines).strip()[:chars]


def plain(text: str) -> str:
    """Return `text` without control characters and halves of surrogate pairs."""
    return _UNSEEN.sub("", text)


def address(url: str) -> str:
    """Return an address without its query, fragment and personal data."""
    path = plain(url.split("#")[0].split("?")[0])[:READ_MOST]
    return "/".join(query(part) for part in path.split("/"))


def looks_personal(text: str) -> bool:
    """Return whether a comment may hold personal data: an address, a long number, a secret."""
    return bool(
        _EMAIL.search(text) or _NUMBER.search(text) or any(is_secret(w) for w in text.split())
    )
