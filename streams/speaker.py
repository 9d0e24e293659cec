"""The speaker: lets homes decide about reports, and says what they mean to the keys that they concern.

Law kept: a home speaks with versions (ADR 0002); it says something anew only where something else is meant, and
*gone* to the keys that an event left.
"""

from __future__ import annotations

from collections.abc import Callable

from detectors.policy import PolicyFault
from detectors.world import World
from events.identity import EVERYONE
from events.intake import Arrival
from events.registry import PolicyEntry
from events.rejection import Reason, Rejection
from events.time import Instant
from ledger.fact import Fact
from ledger.held import Held, Standing
from ledger.home import Home
from ledger.judges import ConsignmentJudge, Judge, SiteJudge, UnitJudge
from ledger.reference import SUPERSEDED, Reference, Registered, about
from ledger.speech import Entered, Report, Seen, Speech, parted, seen_in
from streams.effects import Effects
from streams.messages import message, told_before


class Speaker:
    """What one lane's homes say. ``dirty`` collects the homes that must be kept."""

    def __init__(
        self,
        world: World,
        *,
        reference: Callable[[str], Reference],
        send: Callable[[str, Fact | Registered], None],
        effects: Callable[[], Effects],
        dirty: dict[str, None],
    ) -> None:
        self._world, self._reference = world, reference
        self._send, self._effects, self._dirty = send, effects, dirty

    def decide(self, home: Home, arrival: Arrival, event: Report, lateness: Instant | None) -> None:
        """Let the home look closely at one report, and say what it changed; ``lateness`` as of `Home.take`."""
        decision = home.take(arrival, lateness)
        self._effects().refusals.extend(decision.refusals)
        self._effects().told.extend(decision.told)
        content = None if event.corrects is not None and event.corrects.void else event
        for held in decision.respeak:
            judge = home.judge
            heard = judge is None or judge.hear(held.identity, content, arrival.received_at)
            if home.kind != "site" and (heard or home.settled is None):
                self.say_anew(home, told_anew=held)
            else:
                self._say(home, held, self.judge(home), told_anew=held)

    def say_anew(self, home: Home, told_anew: Held | None = None) -> None:
        """Judge again what can mean something else by now."""
        judge = self.judge(home)
        if told_anew is None and home.settled == judge.edition:
            return
        anew = home.settled is None
        for held in list(home.held.values()):
            if anew or held is told_anew or judge.leans(held.identity):
                self._say(home, held, judge, told_anew=told_anew)
        home.settled = judge.edition

    def _say(self, home: Home, held: Held, judge: Judge, *, told_anew: Held | None = None) -> None:
        """Say of an event what it now means: to the keys that it concerns, and *gone* to those that it left."""
        speech, told = home.speak(held, judge)
        standing = told[-1].standing
        if standing is Standing.WAITING and (refused := home.crowded_out(held, judge)) is not None:
            self._effects().refusals.extend(refused.refusals)
            self._effects().told.extend(refused.told)
            return
        if standing is not held.standing or held.version == 0 or held is told_anew:
            self._effects().told.extend(told)
        held.standing = standing
        (home.waiting.add if standing is Standing.WAITING else home.waiting.discard)(held.identity)
        kept = None if speech is None else seen_in(speech)
        if held.version and held.spoken == (kept if isinstance(held.spoken, Seen) else speech):
            held.spoken = kept
            return
        old = home.spoken(held)
        held.version += 1
        held.spoken = kept
        home.shelves.touch(held)
        self._dirty[home.key] = None
        now_at = speech.keys if speech is not None else ()
        if old is not None:
            gone = message(held, old, gone=True)
            for key in old.keys:
                if key not in now_at:
                    self._send(key, gone)
        if speech is not None:
            said = message(held, speech)
            parts = parted(said) if isinstance(said, Fact) else {}
            try:
                for key in speech.keys:
                    self._send(key, parts.get(key, said))
            except PolicyFault as fault:
                self._unusable(home, held, str(fault))
        self._say_before(held, old, speech)
        if old is not None and (speech is None or (old.body, old.received_at) != (speech.body, speech.received_at)):
            self._tell_again(home, held, old)

    def _say_before(self, held: Held, old: Speech | None, speech: Speech | None) -> None:
        """Say how an entry was told before; policies speak as they are published, whatever was said before."""
        was = () if old is None else old.before
        now = () if speech is None else speech.before
        still = {(one.revision, key) for one in now for key in one.keys}
        for one, gone in (*((one, True) for one in was), *((one, False) for one in now)):
            for key in one.keys:
                if not isinstance(one.entered.entry, PolicyEntry) and not (gone and (one.revision, key) in still):
                    self._send(key, told_before(held, one, gone=gone))

    def _tell_again(self, home: Home, changed: Held, old: Speech) -> None:
        """Say again what else is entered about the same thing: keys have let go what the changed one superseded."""
        if not isinstance(old.body, Entered) or not isinstance(old.body.entry, SUPERSEDED):
            return
        for held in home.held.values():
            speech = home.spoken(held)
            if held is changed or speech is None or not isinstance(speech.body, Entered):
                continue
            if about(speech.body.entry) == about(old.body.entry):
                held.version += 1
                home.shelves.touch(held)
                for key in speech.keys:
                    self._send(key, message(held, speech))

    def _unusable(self, home: Home, held: Held, detail: str) -> None:
        """Refuse a publication that cannot be read; what was in force before stays in force."""
        top = held.tellings[-1]
        self._effects().refusals.append(
            Rejection(
                # Every lane takes what concerns everyone, and all refuse it alike: that is one refusal.
                id=f"{held.identity}@{EVERYONE}.{top.revision}", reason=Reason.INVALID_VALUE, field="entry.text",
                detail=detail, provider=top.provider, source=top.source, received_at=top.received_at,
                event_id=top.event_id, home=home.key,
            )
        )  # fmt: skip
        self._effects().told.append(home.refused(top, Reason.INVALID_VALUE, detail))

    def judge(self, home: Home) -> Judge:
        """The home's judge, who has heard all that is told there."""
        judge = home.judge
        if judge is None:
            judge = home.judge = self._new_judge(home)
            if home.kind != "site":
                for held in home.held.values():
                    for told in held.tellings:
                        judge.hear(held.identity, told.event(), told.received_at)
            home.settled = None if home.held else judge.edition
        return judge

    def _new_judge(self, home: Home) -> Judge:
        everyone = self._world.reference
        match home.kind:
            case "site":
                return SiteJudge(home.name, self._reference(home.key), everyone)
            case "consignment":
                return ConsignmentJudge(everyone)
            case _:
                return UnitJudge()
