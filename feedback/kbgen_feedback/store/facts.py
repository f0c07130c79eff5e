"""Single values that last, such as the hash of the desk's password; and turns taken by lease."""

from sqlalchemy import BigInteger, cast, select

from kbgen_feedback.store import schema
from kbgen_feedback.store.database import Store


def fact(store: Store, name: str) -> str:
    """Return a stored fact, an empty text when there is none."""
    f = schema.facts.c
    with store.read() as connection:
        return connection.scalar(select(f.value).where(f.site == store.site, f.name == name)) or ""


def keep(store: Store, name: str, value: str) -> None:
    """Store a fact in place of what it was."""
    row = {"site": store.site, "name": name, "value": value}
    with store.write() as connection:
        connection.execute(store.replace(schema.facts), [row])


def forget(store: Store, beginning: str, until: int) -> None:
    """Remove the facts whose names begin so and whose values are numbers up to `until`."""
    f = schema.facts.c
    named = (f.site == store.site) & f.name.startswith(beginning, autoescape=True)
    with store.write() as connection:
        found = connection.execute(select(f.name, f.value).where(named)).all()
        over = [name for name, value in found if int(value) <= until]
        connection.execute(schema.facts.delete().where(named, f.name.in_(over)))


def lease(store: Store, name: str, now: int, ms: int) -> bool:
    """Return whether nobody else holds this lease; it is the caller's then for `ms` from `now`.

    The holder ends it sooner by keeping "0" in its place.
    """
    f = schema.facts.c
    free = (f.site == store.site) & (f.name == name) & (cast(f.value, BigInteger) <= now)
    row = {"site": store.site, "name": name, "value": "0"}
    with store.write() as connection:
        connection.execute(store.insert(schema.facts).on_conflict_do_nothing(), [row])
        taken = schema.facts.update().where(free).values(value=str(now + ms))
        return connection.execute(taken).rowcount == 1
