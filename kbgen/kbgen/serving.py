"""`kbgen serve`: the preview, with collector and editors' desk beside it in one process."""

import contextlib
import dataclasses
import re
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import uvicorn

from kbgen import files, fingerprints, lock, preview, project, watching
from kbgen.project import Wish
from kbgen.session import Session
from kbgen.summary import ERROR, Summary, counted
from kbgen_feedback import listening
from kbgen_feedback import serving as collecting
from kbgen_feedback.desk import auth
from kbgen_feedback.settings import Settings
from kbgen_feedback.settings import load as load_settings
from kbgen_feedback.store.database import Store, open_store
from kbgen_search.errors import KbError

SITE_PORT = 8000
COLLECTOR_PORT = 8400
TRIES = 50


@dataclass(frozen=True)
class Asked:
    """What the command line asks for; a port of None is the usual one or the next that is free."""

    host: str = "127.0.0.1"
    port: int | None = None
    collector_port: int | None = None
    database: str | None = None


def serve(file: Path, asked: Asked, say: Callable[[str], None]) -> None:
    """Build, serve and watch the project of `file` until interrupted; `say` prints a line."""
    with lock.held(file.parent / ".kbgen", _refuse_second, name="serve.lock"):
        site_port = free_port(asked.host, asked.port, SITE_PORT, asked.collector_port)
        collector_port = free_port(asked.host, asked.collector_port, COLLECTOR_PORT, site_port)
        with listening.listen(asked.host, site_port) as door:
            _serve(file, asked, door, collector_port, say)


def _refuse_second() -> None:
    remedy = "use its pages, or end it first"
    raise KbError("another `kbgen serve` of this project is running", remedy=remedy)


def _serve(
    file: Path, asked: Asked, door: socket.socket, collector_port: int, say: Callable[[str], None]
) -> None:
    address = listening.address(asked.host, listening.port_of(door))
    site = file.parent / ".kbgen" / "preview"
    collector = listening.address(asked.host, collector_port)
    wish = Wish(str(site), site_url=f"{address}/", collector=collector)
    session = Session(file, wish)
    summary, terminal = session.build(), Terminal(say)
    terminal.tell(summary)
    if summary.errors and not site.is_dir():
        raise KbError("there is nothing to show yet", remedy="mend what is named above")
    state = preview.State(problem=problem(summary))
    with _collector(file, asked, site, address, collector_port) as desk:
        say(f"Site       {address}/")
        say(f"Collector  {desk.address}/v1/events")
        say(f"Desk       {desk.address}/desk/   password: {desk.password}")
        _run(session, door, site, state, terminal)


def free_port(host: str, wanted: int | None, usual: int, besides: int | None = None) -> int:
    """Return `wanted` (0: any), or the first free port from `usual` on, but not `besides`.

    Raises KbError when it is taken.
    """
    ports = [wanted] if wanted is not None else range(usual, usual + TRIES)
    for port in (one for one in ports if one != besides or one == 0):
        with contextlib.suppress(KbError), listening.listen(host, port) as probe:
            return listening.port_of(probe)
    taken = f"port {wanted if wanted is not None else usual} of {host} cannot be had"
    raise KbError(taken, remedy="give another --port, --collector-port or --host")


class Terminal:
    """Where builds say what came of them: each the mistakes, and what the one before did not say.

    A large site may have hundreds of notes, among which a new one would not be seen.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self.say = say
        self._said: Counter[tuple[int, str, str]] = Counter()

    def tell(self, summary: Summary) -> None:
        """Print what a build has to say."""
        known, before = self._said.copy(), Counter[str]()
        for message in summary.messages:
            what = message.level, message.file, message.text  # on whatever line it is now
            if known[what] and message.level < ERROR:
                known[what] -= 1
                before[message.label] += 1
            else:
                self.say(f"{message.label}: {message}")
        repeated = ", ".join(counted(n, label) for label, n in sorted(before.items(), reverse=True))
        self.say(summary.outcome + (f"; as before: {repeated}" if repeated else ""))
        if not summary.errors:  # which may have kept it from saying the rest
            self._said = Counter((one.level, one.file, one.text) for one in summary.messages)


def problem(summary: Summary) -> str:
    """Return what is wrong, a line each, "" when nothing is."""
    return "\n".join(str(message) for message in summary.errors)


@dataclass(frozen=True)
class Desk:
    """Where the collector listens, and how one gets into its desk."""

    address: str
    password: str


@contextlib.contextmanager
def _collector(file: Path, asked: Asked, site: Path, address: str, port: int) -> Iterator[Desk]:
    settings = load_settings(
        _settings_file(file),
        host=asked.host,
        port=port,
        site=str(site),
        origins=(address,),
        database=asked.database,
    )
    settings = _placed(settings, file.parent)
    store = open_store(settings.database, settings.site_key)
    try:
        made = auth.set_up(store, settings).made
        password = _password(file.parent / ".kbgen" / "desk-password", made, store)
        with collecting.running(settings, store) as where:
            yield Desk(where, password or "the one set or printed before")
    finally:
        store.close()


def _password(place: Path, made: str, store: Store) -> str:
    """Return the desk's password if a preview has made it, now or earlier; "" if somebody else has.

    It opens nothing but what is in the project's folder, where it is kept, too.
    """
    if made:
        files.write(place, made.encode())
        place.chmod(0o600)
    known = place.read_text("utf-8") if place.is_file() else ""
    return known if auth.is_password(store, known) else ""


def _settings_file(file: Path) -> Path | None:
    settings = file.parent / "feedback.toml"
    return settings if settings.is_file() else None


def _placed(settings: Settings, root: Path) -> Settings:
    """Return the settings with a database file put beside mkdocs.yml."""
    if "://" in settings.database:
        return settings
    return dataclasses.replace(settings, database=str(root / settings.database))


@contextlib.contextmanager
def watched(session: Session, changed: Callable[[set[Path]], None]) -> Iterator[Callable[[], None]]:
    """Call `changed` when a source of the site changes, or a file that its pages were made from.

    Such files are looked for in the folders where a build has found any. Gives what to call after
    a build: when all was built, there may be other sources.
    """
    followed, sources = 0, _sources(session)

    def follow() -> None:
        nonlocal followed, sources
        if followed != session.wholes:
            followed, awaited = session.wholes, []
            try:
                sources = _sources(session)
            except KbError as error:  # the old ones count, and what the settings lack may come
                awaited = _named(error)
            watch.follow(sources[0], sources[1] + awaited)

    with watching.Watch(changed, lambda path: str(path) in session.read) as watch:
        follow()
        yield follow


def _named(error: KbError) -> list[Path]:
    """Return the files and folders that an error names, such as those which are not there."""
    named = map(Path, re.findall("'([^']+)'", error.message))
    return [path for path in named if path.is_absolute()]


def _sources(session: Session) -> tuple[list[Path], list[Path]]:
    """Return folders and files to watch, those that links lead to as they are."""
    folders, files = project.sources(session.file)
    found = [Path(path) for path, _ in fingerprints.tree(folders)]
    folders += {path.parent.resolve() for path in found}
    files += (path.resolve() for path in found if path.is_symlink())
    read = session.read | session.code
    return folders, files + [Path(path) for path in read if "-packages" not in path]


def _run(
    session: Session,
    door: socket.socket,
    site: Path,
    state: preview.State,
    terminal: Terminal,
) -> None:
    say = terminal.say

    def build(changed: set[Path], shown: Callable[[], None]) -> str | None:
        for path in sorted(str(path) for path in changed if str(path) in session.code):
            say(f"note: {path}: restart `kbgen serve` to have it loaded again")
        try:
            summary = session.build(changed, shown)
        except Exception as error:  # whatever a plugin may throw: the server lives on
            text = str(error) if isinstance(error, KbError) else f"{type(error).__name__}: {error}"
            say(f"error: {text}")
            return text
        if summary.unchanged:
            return None
        terminal.tell(summary)
        return problem(summary)

    def settle() -> None:
        try:
            session.settle()
        except KbError as error:
            say(f"error: {error}")

    rebuilder = preview.Rebuilder(build, settle, state)
    with watched(session, rebuilder.want) as rebuilder.follow:
        rebuilder.start()
        config = uvicorn.Config(
            preview.app(site, state), log_level="warning", timeout_graceful_shutdown=1
        )
        _Server(config, state).run([door])
        rebuilder.stop()


class _Server(uvicorn.Server):
    """A server that lets nobody wait any longer when it is told to end."""

    def __init__(self, config: uvicorn.Config, state: preview.State) -> None:
        super().__init__(config)
        self._state = state

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Hear a signal that ends the server."""
        self._state.ended = True
        super().handle_exit(sig, frame)
