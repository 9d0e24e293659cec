"""Settings: by environment (HAZFLOW_…) over a TOML file; wrong ones are refused with the name and an example."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from streams.piecemeal import AfterFault

PREFIX: Final = "HAZFLOW_"


class SettingFault(Exception):
    """A setting that cannot be used: names it, says what is wrong, shows one that works."""


class Settings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Everything that an installation may set. Paths are relative to the tree."""

    home: str = "var/hazflow"
    """Where the embedded engine keeps its database, the Kafka engine its projection, both their models."""
    policies: str = "policies"
    bind: str = "127.0.0.1:8600"
    token: str | None = None
    brokers: str = "127.0.0.1:9092"
    partitions: int = 4
    redis: str = "redis://127.0.0.1:6379/0"
    application: str = "hazflow"
    batch_records: int = 4_000
    """Records of a transaction at most, about; a worker that keeps up commits what there is."""
    live_keys: int = 50_000
    """How many keys of a kind a lane keeps as objects; the others are bytes until they are touched."""
    after_fault: AfterFault = "go_on"
    session_timeout_s: float = 8.0
    """How long the group waits for a silent worker, and readers for its open transaction: who stalls for less keeps
    its lanes; a takeover takes this long and the restore."""
    topic_providers: dict[str, str] = {}
    """On a directly fed topic, the provider that its records are taken to be from."""
    trust_provider_header: bool = True
    """Whether the ``provider`` header, which hazflow's own door writes, is believed."""
    security_protocol: str = "PLAINTEXT"
    sasl_mechanism: str | None = None
    sasl_username: str | None = None
    sasl_password: str | None = None
    ssl_cafile: str | None = None
    spool_bytes: int = 256 << 20
    """What the Kafka door keeps on its own disk at most while Kafka is down."""
    metrics_bind: str = "127.0.0.1:8610"
    """Where a worker answers what operations ask: the first free port from this one on; ``off``: nowhere."""
    ready_lag_records: int = 10_000
    """How many records a worker or desk may be behind on a topic of a lane, and still be ready."""
    log_format: Literal["text", "json"] = "text"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    quarantine_per_provider: int = 100_000
    quarantine_total: int = 1_000_000


OFF: Final = "off"
SHORTEST_TOKEN: Final = 8
"""Characters that the installation's token has at least; an empty one would let everybody in."""
_EXAMPLES: Final[Mapping[str, str]] = {
    "bind": "127.0.0.1:8600",
    "metrics_bind": "127.0.0.1:8610",
    "log_format": "json",
    "log_level": "info",
    "brokers": "broker1:9092,broker2:9092",
    "partitions": "12",
    "redis": "redis://:password@host:6379/0",
    "topic_providers": '{"flow": "province-gateway"}',
    "session_timeout_s": "8",
    "after_fault": "stop",
}


def read_settings(environment: Mapping[str, str], file: Path | None = None) -> Settings:
    """The settings of a TOML file (HAZFLOW_SETTINGS, or ``file``) with the environment's over them.

    >>> read_settings({"HAZFLOW_PARTITIONS": "12"}).partitions
    12
    """
    values: dict[str, object] = {}
    named = environment.get(PREFIX + "SETTINGS")
    source = Path(named) if named else file
    if source is not None:
        try:
            values = tomllib.loads(source.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise SettingFault(f"{source}: cannot be read as TOML: {error}") from error
    known = {field.name for field in msgspec.structs.fields(Settings)}
    for name, text in environment.items():
        key = name.removeprefix(PREFIX).lower()
        if not name.startswith(PREFIX) or key == "settings":
            continue
        if key not in known:
            raise SettingFault(f"{name}: there is no such setting; known are {', '.join(sorted(known))}")
        values[key] = _typed(key, text)
    unknown = sorted(values.keys() - known)
    if unknown:
        raise SettingFault(f"{source}: there is no setting {unknown[0]}; known are {', '.join(sorted(known))}")
    try:
        settings = msgspec.convert(values, Settings, strict=False)
    except msgspec.ValidationError as error:
        field = str(error).partition("`$.")[2].rstrip("`") or "?"
        example = _EXAMPLES.get(field, "see docs/operations.md")
        raise SettingFault(f"setting {field}: {error}; an example: {example}") from error
    _check(settings)
    return settings


def secrets_of(settings: Settings) -> tuple[str, ...]:
    """What must stand in no log line: the token, and the passwords of Kafka and Redis.

    >>> secrets_of(Settings(redis="redis://:hush-hush@redis:6379/0"))
    ('hush-hush',)
    """
    found = (settings.token, settings.sasl_password, urlsplit(settings.redis).password)
    return tuple(one for one in found if one)


def address(bind: str, name: str = "bind") -> tuple[str, int]:
    """Host and port of ``bind``; ``name`` is the setting's.

    >>> address("127.0.0.1:8600")
    ('127.0.0.1', 8600)
    """
    host, _, port = bind.rpartition(":")
    if not host or not port.isdigit() or not 0 <= int(port) < 65536:
        raise SettingFault(f"setting {name}: {bind!r} is no host:port; an example: {_EXAMPLES[name]}")
    return host.strip("[]"), int(port)


def _typed(key: str, text: str) -> object:
    if key == "topic_providers":
        try:
            return msgspec.json.decode(text)
        except msgspec.DecodeError as error:
            raise SettingFault(f"{PREFIX}TOPIC_PROVIDERS: {error}; an example: {_EXAMPLES[key]}") from error
    return text


def _check(settings: Settings) -> None:
    if settings.token is not None and len(settings.token) < SHORTEST_TOKEN:
        raise SettingFault(
            f"setting token: shorter than {SHORTEST_TOKEN} characters, so it can be guessed; "
            "an example: the output of `openssl rand -hex 32`"
        )
    for name in ("bind", "metrics_bind"):
        bind = getattr(settings, name)
        if bind == OFF and name == "metrics_bind":
            continue
        host, _ = address(bind, name)
        if host not in ("127.0.0.1", "localhost", "::1") and settings.token is None:
            raise SettingFault(
                f"setting {name}: {bind} is reachable from elsewhere, so a token is required: "
                "set HAZFLOW_TOKEN, or bind to 127.0.0.1"
            )
    if not 1 <= settings.partitions <= 1_024:
        raise SettingFault(f"setting partitions: {settings.partitions} is not 1 to 1024; an example: 12")
    for name in (
        "batch_records", "session_timeout_s", "live_keys", "spool_bytes", "quarantine_per_provider",
        "quarantine_total", "ready_lag_records",
    ):  # fmt: skip
        if not 0 < getattr(settings, name) < float("inf"):
            found, example = getattr(settings, name), getattr(Settings(), name)
            raise SettingFault(f"setting {name}: {found} is not above 0; an example: {example}")
    if settings.security_protocol not in ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"):
        raise SettingFault(f"setting security_protocol: {settings.security_protocol!r}; an example: SASL_SSL")
