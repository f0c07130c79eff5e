"""A knowledge base on disk: where its mkdocs.yml is, and MkDocs' settings read from it."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from kbgen.files import refuse_name, unreadable
from kbgen.foreign import line_with
from kbgen.messages import Message, meant
from kbgen_search.errors import KbError

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig

NAMES = ("mkdocs.yml", "mkdocs.yaml")
SYNONYMS = "synonyms.yml"
SEARCH_TESTS = "search-tests.yml"


class Places(msgspec.Struct, frozen=True):
    """Where a project keeps what it makes: the site, the index of record, the cache."""

    root: Path
    site: Path

    @property
    def index(self) -> Path:
        """Return the folder of the index of record."""
        return self.root / ".kbgen" / "index"

    @property
    def cache(self) -> Path:
        """Return the folder of the build cache, which may be deleted at any time."""
        return self.root / ".kbgen" / "cache"

    def foreign(self, paths: Iterable[str]) -> list[str]:
        """Return those of `paths` that a build does not make itself, sorted."""
        beside = [self.site.with_name(f".{self.site.name}.{end}") for end in ("new", "new.old")]
        made = [self.root / ".kbgen", self.site, *beside]
        return sorted(path for path in paths if not _is_in(path, made))


def _is_in(path: str, folders: Iterable[Path]) -> bool:
    return any(f"{path}{os.sep}".startswith(f"{folder}{os.sep}") for folder in folders)


class Wish(msgspec.Struct, frozen=True):
    """What the command line asks for in place of what mkdocs.yml says; None leaves it."""

    site_dir: str | None = None
    strict: bool | None = None
    offline: bool = False
    audience: tuple[str, ...] = ()
    site_url: str | None = None
    collector: str | None = None


def find_config(given: str | None = None) -> Path:
    """Return the project's mkdocs.yml: the `given` one, else that of this folder or one above."""
    if given:
        path = Path(given)
        if not path.is_file():
            raise KbError(
                "there is no such file", file=given, remedy="`kbgen init` makes a new one"
            )
        return path.resolve()
    here = Path.cwd()
    for folder in (here, *here.parents):
        for name in NAMES:
            if (folder / name).is_file():
                return folder / name
    raise KbError(
        f"no mkdocs.yml in {here} or above it", remedy="`kbgen init` makes a new knowledge base"
    )


def load(file: Path, wish: Wish) -> "tuple[MkDocsConfig, list[Message]]":
    """Return MkDocs' settings from `file` with `wish` applied, and warnings about them.

    Raises KbError, with file and line, when they cannot be used.
    """
    from mkdocs.config.defaults import MkDocsConfig

    from kbgen.mkdocs_bridge.troubles import told

    refuse_name(file)
    config = MkDocsConfig(config_file_path=str(file))
    _read(config, file)
    config.load_dict(_overrides(config, wish))
    with told("a hook or setting failed"):
        errors, warnings = config.validate()
    for key, error in errors:
        raise _misspelt(file, key, warnings) or _config_error(file, key, str(error))
    if "kbgen" not in config.plugins:
        line, remedy = line_with(file, "enabled") or None, "remove `enabled`"
        raise KbError("the plugin kbgen is switched off", file=file, line=line, remedy=remedy)
    refuse_name(config.site_dir)
    known = [key for key, _ in config._schema]
    slips = [_config_warning(file, key, text, known) for key, text in warnings]
    return config, [*_doubled(file), *slips]


def _read(config: "MkDocsConfig", file: Path) -> None:
    import yaml
    from mkdocs.exceptions import ConfigurationError

    try:
        with file.open("rb") as stream:
            config.load_file(stream)
    except OSError as error:
        raise unreadable(Path(error.filename or file), error) from error
    except (RecursionError, TypeError) as error:  # it names itself, or nothing that has settings
        line, remedy = _line(file, "INHERIT"), "name another file, or remove it"
        text = "`INHERIT` leads back to the file, or to no settings"
        raise KbError(text, file=file, line=line, remedy=remedy) from error
    except (ConfigurationError, yaml.YAMLError, UnicodeDecodeError) as error:
        raise _syntax_error(file, error) from error


def _syntax_error(file: Path, error: Exception) -> KbError:
    """Return what is wrong with the file's YAML, on the line where that shows."""
    import yaml

    known, remedy = error.__context__, "mend the file"  # MkDocs wraps what YAML says
    if not isinstance(known, yaml.MarkedYAMLError):
        text = _first_line(error).removeprefix("MkDocs encountered an error parsing the ")
        return KbError(text, file=file, remedy=remedy)
    text = ", ".join(part for part in (known.context, known.problem) if part)
    mark = known.problem_mark or known.context_mark
    line = mark.line + 1 if mark else None
    return KbError(f"not valid YAML: {text}", file=file, line=line, remedy=remedy)


def _doubled(file: Path) -> Iterator[Message]:
    from kbgen_search.yamlfiles import doubled

    for name, line in doubled(file.read_text("utf-8-sig", "replace")):
        text = f"`{name}` stands there twice and only this one is read; make them one"
        yield Message(30, text, file.name, line)


def _overrides(config: "MkDocsConfig", wish: Wish) -> dict[str, Any]:
    given = {"site_dir": wish.site_dir, "strict": wish.strict, "site_url": wish.site_url}
    overrides: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
    options: dict[str, Any] = {}
    if wish.offline:
        overrides["use_directory_urls"], options["offline"] = False, True
    if wish.audience:
        options["audience"] = list(wish.audience)
    if wish.collector is not None:
        options |= {"collector": wish.collector, "service_worker": False}
    plugins = with_plugin(config.get("plugins") or [], options)
    return {**overrides, "plugins": plugins}


def with_plugin(plugins: Any, options: Mapping[str, Any]) -> list[Any]:
    """Return the `plugins` setting as a list that has `kbgen` with `options` over its own.

    Options that are none are left to MkDocs, which says so.
    """
    pairs = dict(_pairs(plugins))
    own = pairs.get("kbgen") or {}
    pairs["kbgen"] = {**own, **options} if isinstance(own, dict) else own
    return [{name: value} if value else name for name, value in pairs.items()]


def _pairs(plugins: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(plugins, dict):
        yield from plugins.items()
        return
    for entry in plugins if isinstance(plugins, list) else ():
        yield from entry.items() if isinstance(entry, dict) else ((str(entry), None),)


def _misspelt(file: Path, key: str, warnings: Iterable[tuple[str, str]]) -> KbError | None:
    """Return that a setting which must be there stands under nearly its name, None if not."""
    unknown = [name for name, text in warnings if text.startswith("Unrecogni")]
    near = None if _line(file, key) else get_close_matches(key, unknown, 1)
    if not near:
        return None
    text, remedy = f"there is no setting `{near[0]}`", f"did you mean `{key}`?"
    return KbError(text, file=file, line=_line(file, near[0]), remedy=remedy)


def _config_error(file: Path, key: str, text: str) -> KbError:
    extension = re.match(r"Failed to load extension '([^']+)'", text)
    if extension:  # why stands below the calls that led there
        name, said = extension[1], text.strip().splitlines()[-1]
        line = _line(file, name) or line_with(file, f"- {name}") or _line(file, key)
        text, remedy = f"extension `{name}` cannot be loaded: {said}", "correct its name or options"
        return KbError(text, file=file, line=line, remedy=f"{remedy}, or install it")
    option = re.search(r"option '([^']+)': (.*)", text, re.DOTALL)
    if key == "docs_dir":
        remedy = "make the folder, or name the right one as `docs_dir`"
        return KbError(_first_line(text), file=file, line=_line(file, key), remedy=remedy)
    if option:
        line = _line(file, option[1].partition(".")[0]) or _line(file, key)
        return KbError(f"option `{option[1]}`: {_first_line(option[2])}", file=file, line=line)
    if "not installed" in text:
        name = (re.findall(r'"([^"]+)"', text) or [""])[0]
        remedy = "install it, or remove it from `plugins`"
        if name in _plugin_options():
            remedy = "it is an option of `kbgen`; indent it deeper"
        return KbError(text, file=file, line=line_with(file, name) or None, remedy=remedy)
    return KbError(f"`{key}`: {_first_line(text)}", file=file, line=_line(file, key))


def _config_warning(file: Path, key: str, text: str, known: list[str]) -> Message:
    option = re.search(r"Plugin '([^']+)' option '([^']+)': Unrecogni[sz]ed", text)
    if option:
        names = _plugin_options() if option[1] == "kbgen" else []
        return _unknown(file, option[2], f"plugin {option[1]} has no option", names)
    if text.startswith("Unrecogni"):
        return _unknown(file, key, "there is no setting", known)
    return Message(30, f"`{key}`: {_first_line(text)}", file.name, _line(file, key) or 0)


def _unknown(file: Path, name: str, text: str, known: list[str]) -> Message:
    remedy = meant(name, known, "remove it")
    line = _line(file, name) or line_with(file, name)
    return Message(30, f"{text} `{name}`; {remedy}", file.name, line)


def _plugin_options() -> list[str]:
    from kbgen.settings import PluginOptions

    return [key for key, _ in PluginOptions._schema]


def _line(file: Path, key: str) -> int | None:
    """Return the line on which `key` is set, at any depth."""
    pattern = re.compile(rf"\s*(?:-\s*)?[\"']?{re.escape(key)}[\"']?\s*:")
    lines = file.read_text("utf-8", "replace").splitlines()
    return next((n for n, line in enumerate(lines, 1) if pattern.match(line)), None)


def _first_line(error: object) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__


def sources(file: Path) -> tuple[list[Path], list[Path]]:
    """Return the folders and the files that the project of `file` is made from."""
    config, _ = load(file, Wish())
    hooks = [file.parent / name for name in config.hooks]
    return source_folders(config), source_files(file) + hooks


def source_files(file: Path) -> list[Path]:
    """Return the files in the project of `file` that a site is made from, if they are there."""
    return [file, *(file.parent / name for name in (SYNONYMS, SEARCH_TESTS))]


def source_folders(config: "MkDocsConfig") -> list[Path]:
    """Return the folders that a site is made from: articles, own templates, icons, watched ones."""
    own = [config.docs_dir, config.theme.custom_dir, *icon_folders(config), *config.watch]
    return [Path(folder) for folder in own if folder and Path(folder).is_dir()]


def icon_folders(config: "MkDocsConfig") -> list[str]:
    """Return the folders of icons of the site's own, which articles name as `:folder-icon:`."""
    options = (config.mdx_configs.get("pymdownx.emoji") or {}).get("options") or {}
    return [str(folder) for folder in options.get("custom_icons") or ()]


def docs_folder(file: Path) -> Path:
    """Return the docs folder of the project of `file`, without a look at the other settings.

    Raises KbError when the file cannot be read.
    """
    from mkdocs.config.defaults import MkDocsConfig

    config = MkDocsConfig(config_file_path=str(file))
    _read(config, file)
    return file.parent / str(config["docs_dir"])
