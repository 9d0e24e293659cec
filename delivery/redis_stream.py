"""A Redis stream per authority: what it must act on or know, as it is told, in order.

Laws kept: a (finding, revision) is in a stream once, and the position of the ``warnings`` partition that it came
from is set by the same script: a crash between two scripts loses nothing and doubles nothing. A Redis that came
back without the last of what it was told (its file is written behind, a replica stepped in) is told that again.
Redis is a push channel, never the only copy; a stream keeps its newest entries.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol

import redis.asyncio
from redis.exceptions import RedisError

from routing.notice import decode_notice

KEPT: Final = 100_000
"""About how many entries a stream keeps."""

REMEMBERED_S: Final = 90 * 86_400
"""How long a finding's last told revision is remembered after it was told."""

# KEYS: positions, told, stream...
# ARGV: place, position, remembered, kept, id, finding, revision, notice, position that it was brought to before
_TELL: Final = """
if tonumber(redis.call('HGET', KEYS[1], ARGV[1]) or '0') < tonumber(ARGV[9]) then
  return 0
end
local known = redis.call('GET', KEYS[2])
if not known or tonumber(known) < tonumber(ARGV[7]) then
  for i = 3, #KEYS do
    redis.call('XADD', KEYS[i], 'MAXLEN', '~', ARGV[4], '*',
      'id', ARGV[5], 'finding', ARGV[6], 'revision', ARGV[7], 'notice', ARGV[8])
  end
  redis.call('SET', KEYS[2], ARGV[7], 'EX', ARGV[3])
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return 1
"""


class Record(Protocol):
    """One record of ``warnings`` as any client hands it out."""

    @property
    def offset(self) -> int: ...
    @property
    def value(self) -> bytes: ...


class Followed(Protocol):
    """Records of one partition of ``warnings`` in order, and the position behind them."""

    @property
    def topic(self) -> str: ...
    @property
    def partition(self) -> int: ...
    @property
    def records(self) -> Sequence[Record]: ...


class RedisUnavailable(ConnectionError):
    """Redis cannot take warnings now; they wait where they are, on ``warnings``."""


class RedisStreams:
    """The streams of one application: ``{application}:warnings:{authority}``."""

    def __init__(self, url: str, application: str, *, cafile: str | None = None) -> None:
        # Credentials are part of the URL; ``rediss:`` asks for TLS.
        tls: dict[str, Any] = {"ssl_ca_certs": cafile} if cafile and url.startswith("rediss:") else {}
        self._redis = redis.asyncio.Redis.from_url(url, socket_timeout=5, socket_connect_timeout=5, **tls)
        self._tell = self._redis.register_script(_TELL)
        self._application = application
        self._brought: dict[str, int] = {}

    def stream(self, name: str) -> str:
        """The key of a recipient's stream, by the name that routing gives it."""
        return f"{self._application}:{name}"

    async def positions(self) -> Mapping[tuple[str, int], int]:
        """How far each partition of ``warnings`` was told."""
        try:
            told = await self._redis.hgetall(self._positions)
        except RedisError as error:
            raise RedisUnavailable(str(error)) from error
        self._brought = {_text(place): int(position) for place, position in told.items()}
        return {_place(place): position for place, position in self._brought.items()}

    async def take(self, followed: Sequence[Followed]) -> None:
        """Tell the warnings of each partition in its order; positions move with them."""
        try:
            for part in followed:
                for record in part.records:
                    await self._told(f"{part.topic}/{part.partition}", record)
        except RedisError as error:
            raise RedisUnavailable(str(error)) from error

    async def _told(self, place: str, record: Record) -> None:
        notice = decode_notice(record.value)
        streams = dict.fromkeys(self.stream(to.authority.stream) for to in notice.recipients)
        went_on = await self._tell(
            keys=[self._positions, f"{self._application}:told:{notice.finding}", *streams],
            args=[
                place, record.offset + 1, REMEMBERED_S, KEPT,
                notice.id, notice.finding, notice.revision, record.value, self._brought.get(place, 0),
            ],
        )  # fmt: skip
        if not went_on:
            raise RedisUnavailable(f"Redis has lost what it was told of {place}: it is told that again")
        self._brought[place] = record.offset + 1

    async def close(self) -> None:
        """Let go of the server."""
        await self._redis.aclose()

    @property
    def _positions(self) -> str:
        return f"{self._application}:positions"


def _text(value: bytes | str) -> str:
    return value if isinstance(value, str) else value.decode()


def _place(text: str) -> tuple[str, int]:
    topic, _, partition = text.rpartition("/")
    return topic, int(partition)
