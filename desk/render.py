"""From values to pages: the desk with all it is made of, the language of a request, the templates.

Law kept: every value is escaped by the template engine; no page has script or style of its own inline.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from msgspec import Struct, json
from starlette.requests import Request
from starlette.responses import HTMLResponse

from desk import words
from desk.access import Sessions
from desk.asking import Asking
from desk.books import Books
from desk.evidence import show_amount, show_time
from desk.ports import Names, Ports
from desk.sentence import sentence
from desk.words import Lang, Pair, language, say
from events.days_off import SOON_DAYS, days_left
from events.quantity import Measure
from events.registry import CATEGORY_NAMES, Category
from events.time import MINUTE, SECOND, Instant, format_instant
from operating.checks import STANDS_STILL_S
from routing.notice import Text

LANGUAGE_COOKIE: Final = "hazflow_lang"
_STILL_MINUTES: Final = int(STANDS_STILL_S // 60)
_HERE: Final = Path(__file__).parent
STATIC: Final = _HERE / "static"
_YEAR_S: Final = 365 * 86_400


class Desk(Struct, frozen=True):
    """All that pages and API are made of. ``wall`` is the clock on the wall (seconds since 1970)."""

    asking: Asking
    books: Books
    names: Names
    ports: Ports
    sessions: Sessions | None
    wall: Callable[[], float]

    def now(self) -> Instant:
        """The time that the desk works in: the demo's or the wall's."""
        return self.ports.demo.now() if self.ports.demo is not None else int(self.wall() * SECOND)

    def state(self) -> State:
        """Where time stands, how far the sample is read, and whether time has stood still."""
        demo, progress = self.ports.demo, self.ports.progress
        reached = self.asking.time() or (demo.now() if demo is not None else None)
        still = None
        if demo is None and reached is not None:
            minutes = (int(self.wall() * SECOND) - reached) // MINUTE
            still = minutes if minutes >= _STILL_MINUTES else None
        fraction = progress.fraction() if progress is not None else 1.0
        return State(
            None if reached is None else format_instant(reached),
            "" if reached is None else show_time(reached),
            still,
            fraction,
            progress.text() if progress is not None and fraction < 1 else None,
            self._calendar(),
        )

    def _calendar(self) -> int | None:
        """How many days are left of the days off known, where that is soon or past."""
        left = days_left(self.asking.calendars(), self.now())
        return left if left is not None and left < SOON_DAYS else None


class State(Struct, frozen=True):
    """The bar on every page. ``fraction`` is how much of the sample is read (1: all).

    ``calendar_days`` until no days off are known any more, where that is soon or past.
    """

    time: str | None
    shown: str
    still_minutes: int | None
    fraction: float
    progress: Text | None
    calendar_days: int | None


def encode_state(state: State) -> bytes:
    """The state as JSON, for the live stream."""
    return json.encode(state)


class Tongue:
    """One language: what templates say things with."""

    def __init__(self, lang: Lang, names: Names) -> None:
        self.lang: Final[Lang] = lang
        self._names = names
        self._said: dict[str, str] = {}

    def __call__(self, key: str, **values: object) -> str:
        """The pages' own word."""
        text = say(words.WORDS[key], self.lang)
        return text.format(**values) if values else text

    def pick(self, text: Text | Pair) -> str:
        """The half in this language."""
        if isinstance(text, Text):
            return text.zh if self.lang == "zh" else text.en
        return say(text, self.lang)

    def of(self, table: str, key: str) -> str:
        """A word of one of the tables (``SEVERITY``, ``STATUS``, ...); the key itself where it has none."""
        pairs: Mapping[str, Pair] = getattr(words, table)
        return say(pairs[key], self.lang) if key in pairs else key

    def category(self, category: str) -> str:
        """类别 by name."""
        return say(CATEGORY_NAMES[Category(category)], self.lang) if category in set(Category) else category

    def named(self, kind: Literal["unit", "site", "goods"], id: str | None) -> str:
        """The registered name of a unit, site or goods; "" where there is none."""
        known = self._names.known(kind, id) if id else None
        return "" if known is None else self.pick(known)

    def told(self, explanation: Text) -> str:
        """What a warning says, with names for the ids in it."""
        return sentence(self.pick(explanation), self._name, self.lang)

    def area(self, code: str, at: Instant) -> str:
        """The full name of a place."""
        place = self._names.areas.place(code, at)
        return code if place is None else say(self._names.areas.name(place.id, at), self.lang)

    def amount(self, base: int, measure: Measure) -> str:
        """An exact quantity."""
        return show_amount(base, measure, self.lang)

    def _name(self, id: str) -> str:
        if id not in self._said:
            named = (self.named(kind, id) for kind in ("site", "goods", "unit"))
            self._said[id] = next((name for name in named if name), "")
        return self._said[id]


class Pages:
    """The templates, and what each page gets beside its own values."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._version = _version()
        self._templates = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=select_autoescape(default=True),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters["time"] = show_time
        self._templates.filters["iso"] = format_instant

    def tongue(self, request: Request) -> Tongue:
        """The language of a request."""
        lang = language(
            request.query_params.get("lang"),
            request.cookies.get(LANGUAGE_COOKIE),
            request.headers.get("accept-language", ""),
        )
        return Tongue(lang, self.desk.names)

    def page(self, request: Request, template: str, status: int = 200, **values: object) -> HTMLResponse:
        """One page in the request's language, which a ``?lang=`` in its address sets for the next ones too."""
        tongue = self.tongue(request)
        html = self._templates.get_template(template).render(
            t=tongue,
            lang=tongue.lang,
            state=self.desk.state(),
            ports=self.desk.ports,
            guarded=self.desk.sessions is not None,
            path=request.url.path,
            here=request.url.path + (f"?{request.url.query}" if request.url.query else ""),
            other_lang=_address(request, "en" if tongue.lang == "zh" else "zh"),
            version=self._version,
            **values,
        )
        response = HTMLResponse(html, status_code=status, headers={"vary": "cookie, accept-language"})
        if request.query_params.get("lang") in ("zh", "en"):
            response.set_cookie(LANGUAGE_COOKIE, tongue.lang, max_age=_YEAR_S, samesite="lax", httponly=True)
        return response


def _address(request: Request, lang: str) -> str:
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "lang"]
    path = request.url.path if request.method in ("GET", "HEAD") else "/"
    return f"{path}?{urlencode([*kept, ('lang', lang)])}"


def _version() -> str:
    """What the static files are, so that a browser never shows a page with yesterday's script."""
    digest = hashlib.sha256()
    for file in sorted(STATIC.iterdir()):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:10]
