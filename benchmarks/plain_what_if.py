"""The slow twin of "what if": one unit-day after another, as E7 takes them; the columns must agree with it."""

from __future__ import annotations

from typing import NamedTuple

from events.time import civil_day
from models.calibrate import limit
from models.scored import Scored
from models.whatif import Policy, chain, week_of


class Warned(NamedTuple):
    """One warning: the rows of its first and last outlier day, and whether it may still go on."""

    first: int
    last: int
    open: bool


class Plainly(NamedTuple):
    """What a policy raises; how many unit-days and borne false alarms there are, by (week, cell)."""

    warned: list[Warned]
    scored: dict[tuple[int, int], int]
    budgeted: dict[tuple[int, int], float]


class _Run(NamedTuple):
    first: int
    last: int
    expires: int
    told: bool


def plainly(scored: Scored, policy: Policy) -> Plainly:
    """Go through the rows one by one, a run of outliers in hand."""
    now = int(scored.until[0])
    found = Plainly([], {}, {})
    run: _Run | None = None
    near = scored.near()
    for row in range(len(scored)):
        strand, day, cell = int(scored.strand[row]), int(scored.day[row]), int(scored.cell[row])
        if run is not None and int(scored.strand[run.last]) != strand:
            run = _ended(run, found, still=civil_day(now) < run.expires)
        if run is not None and day >= run.expires:
            run = _ended(run, found)
        unit = str(scored.strand_unit[strand])
        terms = policy.terms(str(scored.cell_category[cell]), chain(scored, cell), unit)
        model = int(scored.cell_model[cell])
        bar = limit(scored.clean(model), terms.budget, scored.effects(model))
        week = week_of(day), cell
        found.scored[week] = found.scored.get(week, 0) + 1
        found.budgeted[week] = found.budgeted.get(week, 0.0) + (terms.budget.rate if terms.enabled else 0.0)
        allowed = terms.season.allows(near[day - int(scored.day_first[0])])
        times, score = float(scored.times[row]), float(scored.score[row])
        if 1.0 < allowed >= times:
            score = min(score, float(scored.even[row]))
        if bar is None or score <= bar.score:
            run = _ended(run, found)
        elif run is None:
            told = terms.enabled and day < civil_day(now - terms.waits)
            run = _Run(row, row, day + terms.bridge_days + 1, told)
        else:
            run = run._replace(last=row, expires=day + terms.bridge_days + 1)
    if run is not None:
        _ended(run, found, still=civil_day(now) < run.expires)
    return found


def _ended(run: _Run | None, found: Plainly, *, still: bool = False) -> _Run | None:
    """What comes of a run that nothing goes on with; there is none after it."""
    if run is not None and run.told:
        found.warned.append(Warned(run.first, run.last, still))
    return None
