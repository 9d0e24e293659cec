"""book, warnings, routes: what is asked of the projection, in both languages and as JSON."""

from __future__ import annotations

import re

from cli.verb import Exit
from tests.unit.cli.installed import TREE, Installed


def one_book(hazflow: Installed) -> tuple[str, str]:
    """A book that there is."""
    kept = hazflow("book", "--list", "--json").json
    busiest = max(kept, key=lambda one: int(one["lines"]))
    return busiest["site"], busiest["goods"]


def one_warning(hazflow: Installed) -> str:
    """A finding that there is."""
    return str(hazflow("warnings", "list", "--json").json["warnings"][0]["finding"])


def test_a_book_is_the_sum_of_its_lines(replayed: Installed) -> None:
    """The balance is what the lines add up to, and each line names its record."""
    site, goods = one_book(replayed)
    book = replayed("book", site, goods, "--json").json
    assert book["balance"] == sum(entry["line"]["delta"] for entry in book["entries"])
    text = replayed("book", site, goods, "--last", "2").out
    assert "should hold" in text
    assert re.search(r"log/0/\d+ ", text)
    assert "账面应有" in replayed("book", site, goods, "--lang", "zh").out


def test_a_book_at_an_instant_holds_its_lines_up_to_then(replayed: Installed) -> None:
    """A count or movement later than the instant is not in it."""
    site, goods = one_book(replayed)
    entries = replayed("book", site, goods, "--json").json["entries"]
    middle = entries[len(entries) // 2]["line"]["at"]
    from events.time import format_instant

    then = replayed("book", site, goods, "--at", format_instant(middle), "--json").json
    assert [entry["line"]["at"] for entry in then["entries"]] == [
        entry["line"]["at"] for entry in entries if entry["line"]["at"] <= middle
    ]


def test_a_book_says_what_is_under_way_and_cannot_be_accounted_for(replayed: Installed) -> None:
    """Each sum is there to be checked: by a program in the JSON, by a person in the text, in both languages."""
    from desk.words import PASSAGE, WORDS

    every = [(one["site"], one["goods"]) for one in replayed("book", "--list", "--json").json]
    books = [replayed("book", site, goods, "--json").json for site, goods in every]
    assert sum(book["transit"]["out"]["consignments"] for book in books) > 0
    for book in books:
        for way in (book["transit"]["out"], book["transit"]["into"], *book["transit"]["open"]):
            assert way["sent"] - way["received"] - way["lost"] == way["in_transit"]
        for period in book["periods"]:
            assert period["book_change"] == period["inputs"] - period["outputs"] + period["adjusted"]
            if period["end"] is not None:
                assert period["opening"] + period["inputs"] - period["outputs"] - period["muf"] == period["closing"]
    told = next(book for book in books if book["transit"]["open"] and book["periods"])
    for place, lang in enumerate(("zh", "en")):
        text = replayed("book", told["site"], told["goods"], "--lang", lang).out
        for words in (WORDS["transit"], WORDS["periods"], WORDS["muf"], PASSAGE["in_transit"], WORDS["lines"]):
            assert words[place] in text
        assert told["transit"]["open"][0]["consignment"] in text
    short = replayed("book", told["site"], told["goods"], "--last", "1").out
    assert f"({len(told['entries']) - 1} more not shown)" in short


def test_a_book_that_was_never_opened_is_said_so(replayed: Installed) -> None:
    """Nothing is found: exit 1, not an empty page."""
    assert replayed("book", "S0", "Cl2").code == Exit.FOUND
    assert replayed("book", "S0").code == Exit.USAGE
    assert replayed("book", "S0", "Cl2", "--at", "lately").code == Exit.USAGE


def test_warnings_narrow_by_area_and_all_below_it(replayed: Installed) -> None:
    """A prefecture's list holds its counties' warnings, another's none of them."""
    every = replayed("warnings", "list", "--status", "all", "--json").json
    assert every["total"] >= 1
    fuzhou = replayed("warnings", "list", "--area", "350100", "--status", "all", "--json").json
    assert {one["area"][:4] for one in fuzhou["warnings"]} <= {"3501"}
    province = replayed("warnings", "list", "--area", "350000", "--status", "all", "--json").json
    assert province["total"] == every["total"]
    assert replayed("warnings", "list", "--area", "999999").code == Exit.USAGE


def test_a_warning_shows_its_facts_numbers_law_and_authority(replayed: Installed) -> None:
    """Law 10 on the command line: everything that the warning knows of itself, in either language."""
    finding = one_warning(replayed)
    notice = replayed("warnings", "show", finding, "--json").json["warning"]
    for lang in ("zh", "en"):
        text = replayed("warnings", "show", finding, "--lang", lang).out
        assert notice["explanation"][lang] in text
        assert notice["title"][lang] in text
        assert all(f"{fact['topic']}/{fact['partition']}/{fact['offset']}" in text for fact in notice["facts"])
        assert all(f"[{name} = {value}]" in text for name, value in notice["numbers"].items() if name != "measure")
        assert all(law["law"] in text for law in notice["basis"])
        assert notice["rule_version"] in text
        assert notice["recipients"][0]["authority"]["area_id"] in text
    assert replayed("warnings", "show", "B2-0").code == Exit.FOUND


def test_routes_why_explains_the_handler_and_who_is_not_told(replayed: Installed) -> None:
    """Why me, and why not me."""
    finding = one_warning(replayed)
    assert "handler" in replayed("routes", "why", finding).out
    assert "主办" in replayed("routes", "why", finding, "--lang", "zh").out
    text = replayed("routes", "why", finding, "--office", "transport@350902").out
    assert "not a recipient" in text


def test_routes_prove_counts_every_cell(hazflow: Installed) -> None:
    """The shipped policy is total and single-headed, at each change of the areas."""
    proofs = hazflow("routes", "prove", "--json").json
    assert all(proof["cells"] > 10_000 for proof in proofs)
    assert "one handler each" in hazflow("routes", "prove").out


def test_routes_prove_refuses_a_policy_with_a_hole_and_names_it(hazflow: Installed) -> None:
    """A policy that leaves a cell without a handler is refused, with line and cell."""
    text = (TREE / "policies" / "routing.toml").read_text()
    broken = hazflow.home.parent / "broken.toml"
    broken.write_text(text.replace('lead = "public_security"', "", 1))
    ran = hazflow("routes", "prove", broken)
    assert ran.code == Exit.USAGE
    assert "line" in ran.err


def test_routes_diff_of_a_policy_with_itself_is_nothing(hazflow: Installed) -> None:
    """No change is said as no change."""
    policy = TREE / "policies" / "routing.toml"
    assert "no change" in hazflow("routes", "diff", policy, policy).out


def test_routes_authorities_have_one_stream_each(hazflow: Installed) -> None:
    """Every office once, with the stream that its warnings go to."""
    offices = hazflow("routes", "authorities", "--json").json
    assert len({one["stream"] for one in offices}) == len(offices) > 200
