"""Who may see the desk: one password, kept as a scrypt hash, and a signed session."""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from pathlib import Path

import msgspec

from kbgen_feedback.settings import Settings
from kbgen_feedback.store.database import Store
from kbgen_feedback.store.facts import fact, forget, keep
from kbgen_search.errors import KbError

COOKIE = "kbgen_desk"
_ENDED = "desk.ended."  # before the token of a session that was ended: until when it would be valid
_N, _R, _P = 2**14, 8, 1  # scrypt: 16 MiB and some 50 ms a guess (RFC 7914)


class Session(msgspec.Struct, frozen=True):
    """A login: the editor's name, when it ends (s), and the token its forms carry."""

    who: str
    until: int
    csrf: str


@dataclass(frozen=True)
class Password:
    """What became of the desk's password at the start; `made` is shown to the operator once."""

    made: str = ""


def set_up(store: Store, settings: Settings) -> Password:
    """Make sure that the desk has a password: the one that is set, the last, or a new one.

    Raises:
        KbError: the password file cannot be read, or holds none.
    """
    if not fact(store, "desk.secret"):
        keep(store, "desk.secret", secrets.token_hex(32))
    given = settings.desk_password or _from_file(settings.desk_password_file)
    if given:
        if not matches(given, fact(store, "desk.password")):
            keep(store, "desk.password", hashed(given))
        return Password()
    if fact(store, "desk.password"):
        return Password()
    made = "-".join(secrets.token_hex(2) for _ in range(4))
    keep(store, "desk.password", hashed(made))
    return Password(made)


def _from_file(name: str) -> str:
    if not name:
        return ""
    try:
        lines = Path(name).read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise KbError(f"cannot read the desk's password: {error.strerror}", file=name) from error
    except UnicodeDecodeError as error:
        remedy = "write the password into a plain text file"
        raise KbError("the desk's password is not UTF-8", file=name, remedy=remedy) from error
    if not lines or not lines[0].strip():
        raise KbError("the file holds no password", file=name, remedy="write it on the first line")
    return lines[0].strip()


def is_password(store: Store, typed: str) -> bool:
    """Tell whether this is the desk's password."""
    return matches(typed, fact(store, "desk.password"))


def hashed(password: str) -> str:
    """Return salt and scrypt hash of a password, in hexadecimal."""
    salt = secrets.token_bytes(16)
    return f"{salt.hex()}${_scrypt(password, salt).hex()}"


def matches(password: str, kept: str) -> bool:
    """Return whether a password is the one whose hash was kept."""
    salt, _, digest = kept.partition("$")
    if not digest:
        return False
    return hmac.compare_digest(_scrypt(password, bytes.fromhex(salt)), bytes.fromhex(digest))


def _scrypt(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=_N, r=_R, p=_P, dklen=32)


def signed(store: Store, session: Session) -> str:
    """Return the session as the text of a cookie."""
    payload = urlsafe_b64encode(msgspec.json.encode(session)).decode()
    return f"{payload}.{_signature(store, payload)}"


def read(store: Store, cookie: str, now: float) -> Session | None:
    """Return the session of a cookie; None when it is forged, broken or over."""
    payload, _, signature = cookie.partition(".")
    if not fact(store, "desk.secret") or not fact(store, "desk.password"):
        return None  # nobody can have logged in, and a signature without a secret proves nothing
    if not hmac.compare_digest(signature.encode(), _signature(store, payload).encode()):
        return None
    try:
        session = msgspec.json.decode(urlsafe_b64decode(payload), type=Session)
    except (ValueError, msgspec.MsgspecError):
        return None
    return session if session.until > now and not fact(store, _ENDED + session.csrf) else None


def end(store: Store, session: Session, now: float) -> None:
    """Let nobody in with this session again, whoever has kept its cookie."""
    forget(store, _ENDED, int(now))
    keep(store, _ENDED + session.csrf, str(session.until))


def begin(who: str, now: float, hours: int) -> Session:
    """Return a new session."""
    return Session(who, int(now) + hours * 3600, secrets.token_urlsafe(24))


def _signature(store: Store, payload: str) -> str:
    # The password's hash is part of the key: a new password ends all sessions.
    key = fact(store, "desk.secret") + fact(store, "desk.password")
    return hmac.new(key.encode(), payload.encode(), "sha256").hexdigest()


def same(one: str, two: str) -> bool:
    """Return whether two secrets are equal, in a time that does not tell how far."""
    return hmac.compare_digest(one.encode(), two.encode())
