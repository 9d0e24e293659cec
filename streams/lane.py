"""A lane: one sequence of batches over the keys that hash to it. The same steps run on both engines.

Laws kept: one key, one home; batching is unobservable (the result is that of facts applied one by one); only
ticks move time, and a lane's time is the smallest that it has from all lanes.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable

import msgspec

from detectors.cause import entry_news
from detectors.cells import EMPTY, LOADED
from detectors.watch import Watch
from detectors.world import World
from events.identity import EVERYONE, home_of, kind_of, lane_of_key, site_key
from events.intake import Arrival
from events.registry import TradeFilingEntry
from events.report import Flow, Inventory, Position, Registry
from events.time import Instant, civil_day, day_start
from ledger.fact import Fact
from ledger.home import Home
from ledger.judges import Ground, SiteJudge
from ledger.reference import FOREVER, Reference, Registered
from streams.concerned import Concerned, ForEveryone
from streams.effects import Delivery, Effects, Enrolment, LaneTick, Passing, StatePart
from streams.holdings import HOME, LANE, Holdings, Store
from streams.looks import Looks
from streams.messages import after_close, standing, too_late
from streams.speaker import Speaker

BEGINNING: Instant = -(2**62)
_AT_SITES = (Flow, Inventory)
HOPS = 2
"""How often a report may be passed on after its first hop: a stray registry entry goes to its unit's lane, from
there to a site's, whose waiting movements then speak to a permit's."""

MOST_BOOKED = 100_000
"""How many books a lane remembers to have listed at their sites' homes; the homes themselves forget none."""


class Lane:
    """The keys of one lane, in memory as far as they were touched."""

    def __init__(self, number: int, lanes: int, world: World, watch: Watch, store: Store) -> None:
        self.number, self.lanes = number, lanes
        self.world, self.watch = world, watch
        self.time: Instant = BEGINNING
        self._vehicle_lateness = watch.lateness["vehicle"]
        self.inputs: dict[str, Instant] = {}
        self.heard: dict[int, Instant] = {}
        self._held = Holdings(world, watch, store)
        self._dirty_homes: dict[str, None] = {}
        self._wakes: list[tuple[Instant, str]] = []
        self._home_wakes: dict[str, Instant] = {}
        self._for_everyone = ForEveryone()
        self._effects = Effects()
        self._booked: set[str] = set()
        self._speaker = Speaker(
            world, reference=self.reference, send=self._send, effects=lambda: self._effects, dirty=self._dirty_homes
        )
        self._restore()
        self._horizons = self._closed()
        self._looks = Looks(watch, self._held, self._wakes, self.time)

    def arrive(self, arrival: Arrival) -> None:
        """Take one report that keeps the contract, at its home key."""
        event = arrival.event
        if isinstance(event, Position):
            self._position(arrival, event)
            return
        home = self._home(arrival.home)
        home.horizon = max(home.horizon, self._horizons[home.kind])
        self._dirty_homes[arrival.home] = None
        if arrival.at < home.wakes_from:
            self._wake_home(home, arrival.at)
        if isinstance(event, _AT_SITES):
            judge = home.judge or self._speaker.judge(home)
            if isinstance(judge, SiteJudge):
                ground = judge.ground(event.unit, event.goods, arrival.at)
                latest = self.watch.lateness[home.kind]
                if isinstance(ground, Ground) and (first := home.first(arrival, event, ground, latest)):
                    self._effects.told.append(first.told)
                    for key in first.keys[:2]:  # the site and its book live where the site does: here
                        self._deliver(key, first.fact)
                    fact, parts = first.fact, first.parts
                    for key in first.keys[2:]:
                        self._send(key, parts.get(key, fact) if parts else fact)
                    return
        lateness = None if isinstance(event, Registry) else self._lateness(home.key)
        self._speaker.decide(home, arrival, event, lateness)

    def take(self, passing: Passing) -> None:
        """Take what another lane, or this one, passed on."""
        match passing:
            case Delivery():
                self._deliver(passing.key, passing.fact)
            case Enrolment():
                self._enrol(passing.key, passing.registered)
            case LaneTick():
                self._hear(passing)

    def tick(self, topic: str, at: Instant) -> None:
        """An input topic of this lane has come to ``at``: its own time is the smallest of its topics'."""
        if at <= self.inputs.get(topic, BEGINNING):
            return
        before = min(self.inputs.values(), default=BEGINNING)
        self.inputs[topic] = at
        own = min(self.inputs.values())
        if own > before:
            self._say(own, 0)

    def expect(self, topics: Iterable[str]) -> None:
        """Name the input topics whose ticks this lane waits for."""
        for topic in topics:
            self.inputs.setdefault(topic, BEGINNING)

    def finish(self) -> Effects:
        """Look at every key that was touched, and hand out all that the batch did."""
        self._judge_anew()
        effects, self._effects = self._effects, Effects()
        self._looks.finish(effects)
        for key in self._dirty_homes:
            home = self._home(key)
            if home.held or home.books:
                self._held.keep_home(home, self._home_wakes.get(key))
            else:
                self._held.drop_home(key)
        self._dirty_homes.clear()
        clock = (self.inputs, self.heard, self.time)
        self._held.keep((StatePart(LANE, "clock", msgspec.msgpack.encode(clock)),))
        effects.states = self._held.changed()
        return effects

    def be_careful(self, careful: bool) -> None:
        """Whether to refuse at its key each fact that the books cannot take, at the cost of a look a fact."""
        self._looks.careful = careful

    def let_go(self, most: int) -> None:
        """Between batches, once the store has what they did: keep about ``most`` keys of a kind in memory."""
        self._held.let_go(most)

    def _position(self, arrival: Arrival, position: Position) -> None:
        """Note a fix at its vehicle: no fact is made of it."""
        at, received_at = arrival.at, arrival.received_at
        if received_at - at > self._vehicle_lateness or at < self._horizons["vehicle"]:
            self._effects.refusals.append(too_late(arrival))
            return
        load = 0 if position.loaded is None else LOADED if position.loaded else EMPTY
        fix = (at, position.lon, position.lat, position.speed_kmh)
        self._looks.take(arrival.home, (fix, fix, position.alarms, load, received_at, arrival.source))

    # --- keys --------------------------------------------------------------------------------------------

    def _send(self, key: str, message: Fact | Registered) -> None:
        lane = self.number if key == EVERYONE else lane_of_key(key, self.lanes)
        if isinstance(message, Registered):
            self._pass(lane, Enrolment(key, message))
        elif lane == self.number:
            self._deliver(key, message)
        else:
            self._effects.passing.append((lane, Delivery(key, message)))

    def _pass(self, lane: int, passing: Passing) -> None:
        if lane == self.number:
            self.take(passing)
        else:
            self._effects.passing.append((lane, passing))

    def _deliver(self, key: str, fact: Fact) -> None:
        kind = kind_of(key)
        if kind == "vehicle":
            fact = standing(key, fact)
        elif fact.at < self._horizons[kind]:
            self._effects.refusals.append(after_close(key, fact))
            return
        self._looks.take(key, fact)
        if kind == "book" and key not in self._booked:
            self._list_book(key)

    def _list_book(self, key: str) -> None:
        """Let the site's home know that it has this book."""
        if len(self._booked) >= MOST_BOOKED:
            self._booked.clear()
        self._booked.add(key)
        home = self._home(site_key(home_of(key)))
        if key not in home.books:
            home.books.add(key)
            self._dirty_homes[home.key] = None

    def _enrol(self, key: str, registered: Registered) -> None:
        if key == EVERYONE:
            self._enrol_everywhere(registered)
            return
        home = self._home(key) if kind_of(key) == "site" else None
        # A deal's filing is asked for by the claims of time alone: thousands come, and nothing need be refolded.
        known = self.reference(key).entries.get(registered.id)
        filing = known is None and isinstance(registered.entry, TradeFilingEntry)
        judged = (key,) if home is None or filing else (key, *sorted(home.books))
        self._looks.catch_up(judged)
        for one in judged:
            self._held.subject(one, self.time)  # loaded before what it was judged by has changed
        if not self.reference(key).put(registered):
            return
        self._held.keep_registered(key, registered)
        self._held.drop_superseded(key, registered, min(self._horizons.values()))
        by = entry_news(registered, known)
        if filing:
            self._looks.reconsider(key, by)
            return
        if home is not None:
            self._speaker.say_anew(home)
        for one in judged:
            self._looks.rejudge(one, by)

    def _enrol_everywhere(self, registered: Registered) -> None:
        known = self.world.reference.entries.get(registered.id)
        if known is not None and known.version >= registered.version:
            return
        self._looks.catch_up()
        concerned, came = Concerned(registered, known), self._for_everyone
        # What was said is found again from the facts when a key is loaded: by what it was said by.
        if not came:
            self._held.everything(self.time, concerned)
        elif not came.all_loaded:
            self._held.everything(self.time)
            came.all_loaded = True
        if self.world.put(registered):
            self._held.keep_registered(EVERYONE, registered)
            came.add(concerned, entry_news(registered, for_everyone=True))

    def _judge_anew(self) -> None:
        """Entries for everyone came: what they concern of all that is held singly is judged again, papers too."""
        came, self._for_everyone = self._for_everyone, ForEveryone()
        if not came:
            return
        homes, subjects = self._held.everything(self.time, came.concerned)
        for home in homes:
            if kind_of(home.key) != "unit":
                self._speaker.say_anew(home)
        for subject in subjects:
            holds = subject.order or subject.said or subject.held_from() is not None
            if holds or self._held.by_papers(subject.key):
                self._looks.rejudge(subject.key, came.by(subject.key))

    # --- time --------------------------------------------------------------------------------------------

    def _say(self, at: Instant, hop: int) -> None:
        """Tell every lane how far this one has come, behind all that it emitted before."""
        self._judge_anew()
        for lane in range(self.lanes):
            self._pass(lane, LaneTick(self.number, at, hop))

    def _hear(self, tick: LaneTick) -> None:
        """Time moves once every lane has said so hop after hop: what a report set off has then arrived."""
        place = tick.hop * self.lanes + tick.lane
        before = self.heard.get(place, BEGINNING)
        if tick.at <= before:
            return
        self.heard[place] = tick.at
        now = self._heard(tick.hop)
        if now <= before:  # this lane was not the last, or not alone
            return
        if tick.hop < HOPS:
            self._say(now, tick.hop + 1)
            return
        if now <= self.time:
            return
        self._judge_anew()
        self.time = now
        self._horizons = self._closed()
        self._looks.time_is(now)
        while self._wakes and self._wakes[0][0] <= now:
            asked, key = heapq.heappop(self._wakes)
            if key.startswith(HOME):
                self._close_home(key.removeprefix(HOME))
            else:
                self._looks.woken(key, asked)
        self._held.retried()

    def _closed(self) -> dict[str, Instant]:
        """Where closed time ends by now, for each kind of key."""
        return {kind: self.watch.horizon(kind, self.time) for kind in self.watch.lateness}

    def _heard(self, hop: int) -> Instant:
        """The smallest tick of one hop over all lanes."""
        heard = self.heard
        return min([heard.get(place, BEGINNING) for place in range(hop * self.lanes, (hop + 1) * self.lanes)])

    def _close_home(self, key: str) -> None:
        home = self._home(key)
        self._home_wakes.pop(key, None)
        decision = home.close(self.watch.horizon(kind_of(key), self.time), self._speaker.judge(home))
        self._effects.refusals.extend(decision.refusals)
        self._effects.told.extend(decision.told)
        self._dirty_homes[key] = None
        home.wakes_from, first = FOREVER, home.first_close()
        if first < FOREVER:
            self._wake_home(home, first)

    def _wake_home(self, home: Home, at: Instant) -> None:
        """Note when the day of ``at`` closes at this home, unless something earlier is noted."""
        closes = max(self.watch.closes(kind_of(home.key), at), self.time + 1)
        if closes < self._home_wakes.get(home.key, FOREVER):
            self._home_wakes[home.key] = closes
            heapq.heappush(self._wakes, (closes, HOME + home.key))
        home.wakes_from = min(home.wakes_from, day_start(civil_day(at)))

    # --- what is held ------------------------------------------------------------------------------------

    def reference(self, key: str) -> Reference:
        """The reference data that a key is judged by."""
        return self._held.reference(key)

    def _home(self, key: str) -> Home:
        return self._held.home(key, self.time)

    def _lateness(self, home: str) -> Instant:
        return self.watch.lateness[kind_of(home)]

    def _restore(self) -> None:
        """Take up where the store left off: the clock, and when to wake whom."""
        clock = self._held.stored(LANE, "clock")
        if clock is not None:
            self.inputs, self.heard, self.time = msgspec.msgpack.decode(clock, type=_Clock)
        for wake, key in self._held.wakes():
            heapq.heappush(self._wakes, (wake, key))
            if key.startswith(HOME):
                self._home_wakes[key.removeprefix(HOME)] = wake


_Clock = tuple[dict[str, Instant], dict[int, Instant], Instant]
