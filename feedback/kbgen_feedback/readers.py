"""Ids of readers that last a day: a keyed hash whose key is thrown away."""

import ipaddress
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b

from sqlalchemy import delete, select

from kbgen_feedback.store import schema
from kbgen_feedback.store.database import Store

HOUR_MS = 3_600_000


@dataclass(frozen=True)
class Key:
    """A secret and when it was made (ms)."""

    made: int
    secret: bytes


@dataclass(frozen=True)
class Marks:
    """Who sent a request, as far as may be known: reader, network and browser, all hashed."""

    reader: str
    net: str
    agent: str


def current_key(store: Store, now: int, hours: int) -> Key:
    """Return the key of today's ids, a new one when the last is `hours` old; destroy old ones.

    A clock set back keeps the newest key rather than making many.
    """
    key = _newest(store)
    if key is None or now - key.made >= hours * HOUR_MS:
        _make_key(store, key, now)
        key = _newest(store)
    destroy_keys(store, now - 2 * hours * HOUR_MS)
    if key is None:
        raise RuntimeError("the key just made is gone")
    return key


def destroy_keys(store: Store, before: int) -> None:
    """Delete the keys made before a time (ms): their ids cannot be made again."""
    old = (schema.keys.c.site == store.site) & (schema.keys.c.made < before)
    with store.read() as connection:
        if connection.scalar(select(schema.keys.c.made).where(old).limit(1)) is None:
            return
    with store.write() as connection:
        connection.execute(delete(schema.keys).where(old))


def marks(key: Key, site: str, address: str, agent: str) -> Marks:
    """Return the hashes of a reader, their network (/24 or /48) and their browser."""
    return Marks(
        reader=_hash(key, "reader", site, address, agent),
        net=_hash(key, "net", site, network(address)),
        agent=_hash(key, "agent", site, agent),
    )


def network(address: str) -> str:
    """Return the /24 of an IPv4 address, the /48 of an IPv6 one; the text itself if it is none."""
    return _shortened(address, 24, 48)


def household(address: str) -> str:
    """Return an IPv4 address itself, of an IPv6 one the /64, whose addresses one may all have."""
    return _shortened(address, 32, 64)


def _shortened(address: str, v4: int, v6: int) -> str:
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network(f"{ip}/{v4 if ip.version == 4 else v6}", strict=False))


def _hash(key: Key, *parts: str) -> str:
    # Lengths go in, so that no two lists of parts give the same bytes.
    text = b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in parts)
    return blake2b(text, key=key.secret, digest_size=12).hexdigest()


def _newest(store: Store) -> Key | None:
    query = select(schema.keys.c.made, schema.keys.c.key).where(schema.keys.c.site == store.site)
    with store.read() as connection:
        row = connection.execute(query.order_by(schema.keys.c.made.desc()).limit(1)).first()
    return Key(row.made, row.key) if row else None


def _make_key(store: Store, last: Key | None, now: int) -> None:
    """Add a key unless another collector just did: both then go on with the same."""
    made = schema.keys.c.made
    with store.write() as connection:
        turn = {"site": store.site, "name": "key", "value": str(now)}
        connection.execute(store.replace(schema.facts), [turn])  # others wait for this row
        newest = connection.scalar(
            select(made).where(schema.keys.c.site == store.site).order_by(made.desc()).limit(1)
        )
        if newest == (last.made if last else None):
            row = {"site": store.site, "made": now, "key": secrets.token_bytes(32)}
            connection.execute(store.insert(schema.keys).on_conflict_do_nothing(), [row])


def client_address(peer: str, forwarded: str, trusted: Iterable[str]) -> str:
    """Return the reader's address: the last forwarded one that no trusted proxy wrote itself.

    Args:
        peer: the address of the connection.
        forwarded: the X-Forwarded-For header; believed only when `peer` is trusted.
        trusted: addresses or networks of our own proxies.
    """
    address, trusted = peer, tuple(trusted)
    for hop in reversed([one.strip() for one in forwarded.split(",") if one.strip()]):
        if not is_proxy(address, trusted):
            break
        address = hop
    return _plain(address if _is_address(address) else peer)


def _plain(address: str) -> str:
    """Return an IPv4 address that came as an IPv6 one (::ffff:1.2.3.4) as what it is."""
    inner = ipaddress.ip_address(address) if _is_address(address) else None
    mapped = inner.ipv4_mapped if isinstance(inner, ipaddress.IPv6Address) else None
    return str(mapped or address)


def is_proxy(address: str, trusted: Iterable[str]) -> bool:
    """Return whether an address is that of one of our own proxies."""
    networks = [ipaddress.ip_network(one, strict=False) for one in trusted]
    plain = _plain(address)
    return _is_address(plain) and any(ipaddress.ip_address(plain) in net for net in networks)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
