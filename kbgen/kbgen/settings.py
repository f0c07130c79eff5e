"""The options of the `kbgen` plugin in mkdocs.yml."""

from typing import Any
from urllib.parse import urlsplit

import msgspec
from mkdocs.config import base
from mkdocs.config import config_options as c

from kbgen_search.errors import KbError


class Address(c.OptionallyRequired[str]):
    """An address with one of the given schemes."""

    def __init__(self, *schemes: str) -> None:
        super().__init__()
        self.schemes = schemes

    def run_validation(self, value: object) -> str:
        """Return `value` without a slash at its end; refuse other schemes than the allowed ones."""
        text = str(value).strip()
        parts = urlsplit(text)
        if parts.scheme not in self.schemes or not (parts.netloc or parts.path):
            wanted = " or ".join(f"{scheme}:" for scheme in self.schemes)
            raise base.ValidationError(f"{value!r} is no address; it must begin with {wanted}")
        return text.rstrip("/")


class Switch(c.Choice[str]):
    """One of several words, of which `off` may stand without quotes: YAML reads it as false."""

    def run_validation(self, value: object) -> str:
        """Return the word; refuse others than those that there are."""
        return super().run_validation("off" if value is False else value)


class PluginOptions(base.Config):
    """The schema of the options, as MkDocs checks it."""

    collector = c.Optional(Address("https", "http"))
    contact = c.Optional(Address("https", "http", "mailto"))
    widget = c.Type(bool, default=True)
    fonts = c.Choice(("system", "theme"), default="system")
    language_folders = Switch(("auto", "off"), default="auto")
    owner = c.Type(str, default="")
    audience = c.ListOfItems(c.Type(str), default=[])
    prune = c.Type(bool, default=True)
    offline = c.Type(bool, default=False)
    service_worker = c.Type(bool, default=False)


class Settings(msgspec.Struct, frozen=True):
    """The options after checking, as the rest of the program reads them."""

    collector: str = ""
    contact: str = ""
    widget: bool = True
    fonts: str = "system"
    language_folders: str = "auto"
    owner: str = ""
    audience: tuple[str, ...] = ()
    prune: bool = True
    offline: bool = False
    service_worker: bool = False

    @classmethod
    def of(cls, options: PluginOptions) -> "Settings":
        """Return the settings that `options` ask for; MkDocs has warned of unknown ones."""
        known = cls.__struct_fields__
        given = {key: value for key, value in options.items() if key in known and value is not None}
        values: dict[str, Any] = {**given, "audience": tuple(given["audience"])}
        return cls(**values)


def checked(settings: Settings) -> Settings:
    """Return `settings` from the command line; KbError when an address is none."""
    collector = _address(settings.collector, "--collector", "https", "http")
    contact = _address(settings.contact, "--contact", "https", "http", "mailto")
    return msgspec.structs.replace(settings, collector=collector, contact=contact)


def _address(value: str, option: str, *schemes: str) -> str:
    try:
        return Address(*schemes).run_validation(value) if value else ""
    except base.ValidationError as error:
        raise KbError(f"{option}: {error}", remedy="give a whole address") from error
