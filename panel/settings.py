"""Settings: the only reader of the environment."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec

PREFIX = "PANEL_"


class SettingsFault(Exception):  # noqa: N818 - said to an operator as it is
    """A setting is unknown or unreadable; the message names it."""


class Settings(msgspec.Struct, frozen=True):
    """Everything an operator may decide; the defaults run a small city on one machine."""

    data_dir: Path = Path("data")
    """Folder of the SQLite file, releases and scans."""
    key_dir: Path = Path("keys")
    """Folder of the keys; never inside the data folder, never in a backup."""
    database_url: str = ""
    """Empty for the embedded SQLite file, or ``postgresql://…``."""
    city: str = "济宁市"
    city_en: str = "Jining"
    phone: str = "0537-0000000"
    """Contact telephone on every page."""
    base_url: str = "http://127.0.0.1:8000"
    """Address that stands in QR codes; its scheme decides about Secure cookies."""
    allowed_hosts: tuple[str, ...] = ("127.0.0.1", "localhost", "[::1]")
    trusted_proxies: tuple[str, ...] = ()
    small_team: bool = True
    """Four people: one account may hold roles that larger offices keep apart."""
    smtp_url: str = ""
    """Mail server, such as ``smtps://name:secret@host:465``; empty writes e-mails to files."""
    mail_from: str = "panel@localhost"
    """Sender of e-mails."""
    sms: Literal["file", "tencent"] = "file"
    """Provider of text messages; ``file`` writes them to files of the data folder."""
    sms_key_id: str = ""
    sms_key_secret: str = ""
    sms_app: str = ""
    sms_sign: str = ""
    sms_region: str = "ap-guangzhou"
    sms_endpoint: str = "https://sms.tencentcloudapi.com"
    sms_templates: tuple[str, ...] = ()
    """The provider's approved template of each kind of message, as ``task_offered=123456``."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @property
    def embedded(self) -> bool:
        """Tell whether the embedded SQLite file is used."""
        return not self.database_url

    @property
    def database_path(self) -> Path:
        """Return the path of the SQLite file."""
        return self.data_dir / "panel.sqlite"

    @property
    def releases_dir(self) -> Path:
        """Return the folder of published static files."""
        return self.data_dir / "releases"

    @property
    def secure(self) -> bool:
        """Tell whether pages are served over TLS."""
        return self.base_url.startswith("https://")


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read ``PANEL_*`` (or ``PANEL_*_FILE``) and ``DATABASE_URL``; refuse a misspelt name."""
    source = os.environ if environ is None else environ
    known = set(Settings.__struct_fields__)
    given: dict[str, object] = {}
    for name, value in source.items():
        if not name.startswith(PREFIX):
            continue
        field = name.removeprefix(PREFIX).lower()
        if field not in known and field.removesuffix("_file") in known:
            field, text = field.removesuffix("_file"), _read(name, value)
        else:
            text = value
        if field not in known:
            close = difflib.get_close_matches(field, known, n=1)
            hint = f"; did you mean {PREFIX}{close[0].upper()}?" if close else ""
            msg = f"unknown setting {name}{hint}"
            raise SettingsFault(msg)
        given[field] = _parse(field, text)
    if "database_url" not in given and source.get("DATABASE_URL"):
        given["database_url"] = source["DATABASE_URL"]
    try:
        settings = msgspec.convert(given, Settings, strict=False, dec_hook=_decode)
    except msgspec.ValidationError as fault:
        msg = f"a setting can't be read: {fault}"
        raise SettingsFault(msg) from fault
    if settings.key_dir.resolve().is_relative_to(settings.data_dir.resolve()):
        msg = "PANEL_KEY_DIR lies inside PANEL_DATA_DIR: a backup would hold the keys"
        raise SettingsFault(msg)
    return settings


def _decode(kind: type, value: object) -> object:
    """Make paths, which msgspec does not know."""
    if kind is Path and isinstance(value, str):
        return Path(value).expanduser()
    raise NotImplementedError


def _read(name: str, path: str) -> str:
    """Read a secret from the file that a ``_FILE`` setting names."""
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as fault:
        msg = f"{name}: {fault.strerror}"
        raise SettingsFault(msg) from fault


def _parse(field: str, text: str) -> object:
    """Split the lists; leave the rest to the typed conversion."""
    if field in {"allowed_hosts", "trusted_proxies", "sms_templates"}:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    return text
