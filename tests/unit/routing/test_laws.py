"""Law 8 over made-up countries: whatever the table, routing is total and single-headed."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from events.registry import Category
from events.time import Instant
from routing.areas import Areas
from routing.areas_load import load_areas
from routing.policy_load import load_policy
from routing.proof import Proof, prove
from routing.question import SEVERITIES, Question, Role
from routing.route import route
from tests.unit.routing.world import BASE, DETECTORS, area, areas_text, day, fujian, policy, small_policy

YEARS = st.integers(2014, 2025)
WHEN = st.integers(day("2013-01-01"), day("2027-01-01"))


@st.composite
def tables(draw: st.DrawFn) -> str:
    """A province with cities, counties that may answer to it directly, mergers, moves and zones."""
    cities = [f"p{n}" for n in range(draw(st.integers(0, 3)))]
    lines = [area("top", "province"), *(area(city, "prefecture", "top") for city in cities)]
    for n in range(draw(st.integers(0, 6))):
        above = draw(st.sampled_from(["top", *cities]))
        match draw(st.sampled_from(["plain", "merged", "moved", "zone"])):
            case "plain":
                lines.append(area(f"c{n}", "county", above))
            case "merged":
                year = draw(YEARS)
                lines.append(area(f"h{n}", "county", above, f'life = "{year}-05-01.."'))
                gone = f'life = "..{year}-05-01", successors = ["h{n}"]'
                lines += [area(f"{old}{n}", "county", above, gone) for old in ("a", "b")]
            case "moved":
                year, to = draw(YEARS), draw(st.sampled_from(["top", *cities]))
                spans = f'"{above} ..{year}-05-01", "{to} {year}-05-01.."'
                lines.append(area(f"m{n}", "county", "", f"parents = [{spans}]"))
            case _:
                lines.append(area(f"z{n}", "county", above, "codes = []"))
    return areas_text(*lines)


@st.composite
def questions(draw: st.DrawFn, table: Areas, ids: tuple[str, ...], at: Instant) -> Question:
    """Any question, sensible or not, about an instant not before ``at``."""
    odd = st.text(max_size=8)
    places = st.one_of(st.sampled_from(ids), odd)
    return replace(
        BASE,
        detector=draw(st.one_of(st.sampled_from(DETECTORS), odd)),
        category=draw(st.one_of(st.sampled_from([str(c) for c in Category]), odd)),
        severity=draw(st.one_of(st.sampled_from(SEVERITIES), odd)),
        area=draw(places),
        unit_area=draw(places),
        informed_areas=tuple(draw(st.lists(places, max_size=4))),
        inform_unit=draw(st.sampled_from(["now", "after_disposal", "never"])),
        at=at,
        raised_at=at + draw(st.integers(0, 10**15)),
    )


def one_head(question: Question, answer_roles: list[Role], ids: list[str]) -> None:
    """Exactly one handler, first, and nobody twice."""
    assert answer_roles[0] is Role.HANDLER, question
    assert answer_roles.count(Role.HANDLER) == 1, question
    assert len(set(ids)) == len(ids), question


@settings(max_examples=60, deadline=None)
@given(data=st.data(), text=tables(), at=WHEN)
def test_routing_is_total_and_single_headed_over_any_table(data: st.DataObject, text: str, at: int) -> None:
    """Every cell of every table is proven, and every question has one handler and nobody twice."""
    table = load_areas(text)
    small = load_policy(small_policy("top"), table, DETECTORS)
    found = prove(small, table, DETECTORS, at)
    assert isinstance(found, Proof)
    assert found.cells == len(table.all_in_force(at)) * 6 * 53
    ids = tuple(a.id for a in table.all_in_force(at))
    question = data.draw(questions(table, ids, at))
    answer = route(question, small, table)
    one_head(question, [r.role for r in answer.recipients], [r.authority.id for r in answer.recipients])


@settings(max_examples=200, deadline=None)
@given(data=st.data(), at=st.integers(day("2017-07-17"), day("2027-01-01")))
def test_the_shipped_policy_answers_any_question_with_one_handler(data: st.DataObject, at: int) -> None:
    """The same over Fujian, odd words included; asking again changes nothing."""
    ids = tuple(a.id for a in fujian().all_in_force(at))
    question = data.draw(questions(fujian(), ids, at))
    answer = route(question, policy(), fujian())
    one_head(question, [r.role for r in answer.recipients], [r.authority.id for r in answer.recipients])
    assert route(question, policy(), fujian()) == answer


@settings(max_examples=100, deadline=None)
@given(data=st.data(), at=st.integers(day("2017-07-17"), day("2027-01-01")))
def test_what_the_proof_saw_is_what_the_route_does(data: st.DataObject, at: int) -> None:
    """For a known place and known words the route never falls to the office of last resort."""
    table = fujian()
    place = data.draw(st.sampled_from(table.all_in_force(at)))
    question = replace(
        BASE,
        area=place.id,
        at=at,
        raised_at=at,
        category=str(data.draw(st.sampled_from(Category))),
        detector=data.draw(st.sampled_from(DETECTORS)),
    )
    answer = route(question, policy(), table)
    assert all(why.rule != "fallback" for why in answer.handler.why)
    above = {a.id for a in table.chain(place.id, at)}
    assert answer.handler.authority.id.partition("@")[2] in above


@settings(max_examples=60, deadline=None)
@given(text=tables(), at=WHEN)
def test_every_chain_of_superiors_ends_at_a_province(text: str, at: int) -> None:
    """No loop, no gap: from any area in force the chain climbs to the top, each level once."""
    table = load_areas(text)
    for found in table.all_in_force(at):
        chain = table.chain(found.id, at)
        assert chain[-1].id == "top"
        assert len({a.level for a in chain}) == len(chain)


@settings(max_examples=60, deadline=None)
@given(text=tables(), at=WHEN, later=st.integers(0, 10**15))
def test_whoever_was_in_force_has_one_who_answers_today(text: str, at: int, later: int) -> None:
    """An area's cases never become nobody's: its heir, or itself, is in force at any later time."""
    table = load_areas(text)
    for found in table.all_in_force(at):
        heir = table.successor(found.id, at + later)
        assert heir is not None
        assert heir.in_force(at + later)
