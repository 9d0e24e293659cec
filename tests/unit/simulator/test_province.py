"""A simulated province is a function of its configuration, and clean wherever no label says otherwise."""

from collections import Counter

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.log import Received, Tick
from events.registry import Category, LicenceEntry, PersonEntry
from events.rejection import Reason
from events.time import DAY, instant
from simulator import clean, known_areas, of_size, sample, simulate, tiny
from simulator.config import Config
from simulator.goods import CATALOGUE, counted
from simulator.papers import papers
from simulator.province import draft
from simulator.roads import Drive, road
from tests.unit.simulator.audit import Audit

AREAS = known_areas()


@pytest.fixture(scope="module")
def quiet() -> Audit:
    """Forty counties, a week with history, nothing staged."""
    size = of_size(AREAS, counties=40, units_per_county=4, days=7)
    return Audit(simulate(msgspec.structs.replace(clean(size, 11), pace=0.4)).log)


def test_the_same_configuration_gives_the_same_bytes() -> None:
    """The seed is the only source of chance."""
    assert simulate(tiny(AREAS)) == simulate(tiny(AREAS))
    assert simulate(tiny(AREAS, seed=1)).log != simulate(tiny(AREAS, seed=2)).log


def test_the_tiny_province_is_small_and_has_all_kinds() -> None:
    """Some 2,000 events of a day, for tests."""
    log = simulate(tiny(AREAS)).log
    assert 1_500 < len(log) < 3_000
    assert {type(event).__name__ for event in log} == {"Received", "Tick"}


def test_the_sample_is_a_week_of_the_whole_province() -> None:
    """At least 200,000 events, every county, every category, a quarter of history, a tick at the end."""
    simulation = simulate(sample(AREAS))
    audit = Audit(simulation.log)
    assert sum(isinstance(line, Received) for line in simulation.log) >= 200_000
    assert {entry.area for _, entry in audit.sites.values()} == {area.code for area in AREAS}
    assert {audit.goods[flow.goods].category for _, _, flow in audit.flows.values()} == set(Category)
    assert isinstance(simulation.log[-1], Tick)
    config = simulation.config
    early = {flow.site for at, _, flow in audit.flows.values() if at < config.starts - 80 * 86_400_000_000}
    assert len(early) >= 20


def test_a_log_stands_in_order_of_receipt() -> None:
    """A tick stands behind everything received up to it."""
    log = simulate(tiny(AREAS)).log
    told = [line.at if isinstance(line, Tick) else line.received_at for line in log]
    assert told == sorted(told)


def test_the_clean_province_has_no_fault(quiet: Audit) -> None:
    """Balances, counts, papers, permits, matching, timing and tracks, recomputed from the wire bytes."""
    assert len(quiet.flows) > 20_000
    assert quiet.faults() == []


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 2**32), pace=st.floats(0.2, 2.0), days=st.integers(1, 3))
def test_any_clean_province_has_no_fault(seed: int, pace: float, days: int) -> None:
    """Whatever the seed, the pace and the calendar."""
    config = Config(areas=AREAS[5:9], seed=seed, days=days, units_per_county=5, trips_per_day=12, pace=pace,
                    diversions=0, look_alikes=0)  # fmt: skip
    assert Audit(simulate(config).log).faults() == []


def test_no_paper_nears_its_end_in_a_long_year_unless_a_scenario_ends_it() -> None:
    """Nobody renews here: in a year's run every licence would else be near its end at once."""
    config = Config(areas=AREAS[5:6], seed=3, days=330, units_per_county=2, trips_per_day=1, pace=0.05,
                    diversions=0, look_alikes=0)  # fmt: skip
    standing = [filed.event for filed in papers(draft(config))]
    ends = [event.valid_to for event in standing if isinstance(event.entry, LicenceEntry | PersonEntry)]
    assert len(ends) > 2
    assert all(end is not None and instant(end) >= config.ends + 90 * DAY for end in ends)


def test_broken_records_are_refused_and_the_good_ones_follow(quiet: Audit) -> None:
    """A broken record has an id of its own; the report that it should have been is taken."""
    assert quiet.refused
    for refusal in quiet.refused:
        assert refusal.reason in Reason
        broken = msgspec.json.decode(refusal.raw or b"{}")["id"]
        assert broken.endswith("-x")
        good = broken.removesuffix("-x")
        assert good in quiet.flows or any(count.id == good for _, count in quiet.counts)


def test_reports_are_repeated_late_and_corrected(quiet: Audit) -> None:
    """The faults of honest reporting are there: hours late on the day, twice, mistyped and put right."""
    delays = [received - at for at, received, _ in quiet.flows.values()]
    assert np.quantile(delays, 0.5) < 15 * 60e6
    assert max(delays) > 3_600e6
    assert any(flow.corrects for _, _, flow in quiet.flows.values())


def test_gauges_err_as_their_papers_say(quiet: Audit) -> None:
    """The spread of gauge readings about the book is of the order of the stated uncertainty."""
    kinds = Counter(count.method for _, count in quiet.counts)
    assert kinds["gauge"] > 1_000
    assert kinds["count"] > 1_000
    for _, count in quiet.counts:
        assert (count.method == "count") == counted(count.goods)
        assert (count.instrument is None) == counted(count.goods)


def test_fixes_lie_about_the_road_as_real_ones_did() -> None:
    """Lateral error: p95 near 16.5 m, p99 below 100 m, never over 290 m; a fix every 30 to 60 s."""
    rng = np.random.default_rng(3)
    errors: list[float] = []
    for _ in range(60):
        line = road((119.0, 26.0), (119.5, 26.0), rng)
        times, lon, lat, _ = Drive(((119.0, 26.0), (119.5, 26.0)), 0, 50.0).fixes(rng)
        errors.extend(np.abs((lat - 26.0) * 111_195).tolist())
        assert line[0] == (119.0, 26.0)
        assert line[-1] == (119.5, 26.0)
        assert np.diff(times).min() > 25e6
        assert np.diff(times).max() < 65e6
        assert lon[0] < 119.01
    assert 12 < np.quantile(errors, 0.95) < 22
    assert np.quantile(errors, 0.99) < 100
    assert max(errors) < 290


@pytest.mark.parametrize("entry", [e for e in CATALOGUE.values() if e.cas], ids=lambda entry: entry.goods)
def test_cas_numbers_have_their_check_digit(entry: object) -> None:
    """The last digit is the weighted sum of the others modulo ten."""
    cas = str(getattr(entry, "cas", ""))
    digits, check = cas.replace("-", "")[:-1], int(cas[-1])
    assert sum(place * int(digit) for place, digit in enumerate(reversed(digits), 1)) % 10 == check


def test_the_catalogue_has_thirty_goods_of_six_categories() -> None:
    """Real goods, each category, four measures at least."""
    assert len(CATALOGUE) >= 30
    assert {entry.category for entry in CATALOGUE.values()} == set(Category)
    assert len({entry.measure for entry in CATALOGUE.values()}) >= 4
