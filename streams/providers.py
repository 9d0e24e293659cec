"""Who may report: providers and the tokens that name them, in one file that its owner alone can read.

Law kept: a token is shown once and kept only as its digest; who asks learns from the time taken nothing.
"""

from __future__ import annotations

import hmac
import os
import re
import secrets
import tempfile
import tomllib
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from events.intake import PUBLISHER
from events.time import Instant, format_instant

FILE: Final = "providers.toml"
_NAME: Final = re.compile(r"[^\s/|:\"\\]{1,128}")
_HEAD: Final = "# Providers and the SHA-256 of their tokens. Written by `hazflow providers`; do not share it.\n"


class ProvidersFault(Exception):
    """The list of providers cannot be read, or will not be changed as asked: says why."""


class Provider(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One token of one provider: its name, the token's digest, when it was issued and (if so) revoked."""

    name: str
    digest: str
    since: str
    until: str | None = None


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    provider: tuple[Provider, ...] = ()


class Providers:
    """The providers of one installation. A change of the file is seen at the next question."""

    def __init__(self, home: Path) -> None:
        self.path = home / FILE
        self._read_at: tuple[int, int] | None = None
        self._all: tuple[Provider, ...] = ()

    def all(self) -> tuple[Provider, ...]:
        """Every token ever issued, in order; revoked ones too."""
        try:
            stat = self.path.stat()
        except FileNotFoundError:
            return ()
        if self._read_at != (stat.st_mtime_ns, stat.st_ino):
            try:
                self._all = msgspec.convert(tomllib.loads(self.path.read_text()), _File).provider
            except (tomllib.TOMLDecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
                raise ProvidersFault(f"{self.path}: {error}") from error
            self._read_at = stat.st_mtime_ns, stat.st_ino
        return self._all

    def of(self, token: str) -> str | None:
        """The provider that a token names; None if there is none. Every token is compared, whichever fits."""
        asked, found = _digest(token), None
        for one in self.all():
            if hmac.compare_digest(one.digest, asked) and one.until is None:
                found = one.name
        return found

    def add(self, name: str, at: Instant, *, rotate: bool = False) -> str:
        """Issue a token for a provider; to be shown once. ``rotate`` revokes the ones that it had."""
        if not _NAME.fullmatch(name) or name == PUBLISHER:
            raise ProvidersFault(f"{name!r} is no provider's name: no spaces, no / | : quotes, not hazflow")
        if any(one.name == name and one.until is None for one in self.all()):
            if not rotate:
                raise ProvidersFault(f"{name} has a token already: --rotate issues another, and revokes it")
            self.revoke(name, at)
        token = secrets.token_urlsafe(32)
        self._write((*self.all(), Provider(name, _digest(token), format_instant(at))))
        return token

    def revoke(self, name: str, at: Instant) -> int:
        """Take a provider's tokens out of use; how many there were."""
        held = [one for one in self.all() if one.name == name and one.until is None]
        ended = [
            msgspec.structs.replace(one, until=format_instant(at)) if one in held else one for one in self.all()
        ]
        if held:
            self._write(tuple(ended))
        return len(held)

    def _write(self, providers: tuple[Provider, ...]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        tables = [
            "\n".join(["[[provider]]", *(f'{key} = "{value}"' for key, value in msgspec.to_builtins(one).items())])
            for one in providers
        ]
        # A file of mkstemp is its owner's alone from the first byte on; the rename is all or nothing.
        handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=FILE)
        with os.fdopen(handle, "w") as file:
            file.write(_HEAD + "\n" + "\n\n".join(tables) + "\n")
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(self.path)


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()
