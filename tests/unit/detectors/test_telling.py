"""What counts as content of a claim: all that is said, and nothing of where its records stood."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from detectors.claim import MOST_REFS, Claim, Finding, Severity, Status, cite, finding_id
from detectors.subject import Said, Subject
from detectors.telling import digest_of, finding_of
from events.registry import Category
from events.rejection import Source
from ledger.fact import Ref

REF = Ref("a", Source("flow", 0, 1))
CLAIM = Claim("x", 1, 2, (REF,), {"n": 1}, "350102", "U1", Category.EXPLOSIVES, ref_count=1)
SAID = digest_of(CLAIM, Severity.ORANGE, "v1")


@pytest.mark.parametrize(
    "otherwise",
    [
        {"anchor": "y"}, {"since": 0}, {"until": 5}, {"numbers": {"n": 2}}, {"area": "350111"}, {"unit": "U2"},
        {"category": Category.CHEMICALS}, {"site": "S1"}, {"goods": "DET"}, {"informed_areas": ("350111",)},
        {"ref_count": 2}, {"refs": (replace(REF, id="b"),)},
    ],
    ids=str,
)  # fmt: skip
def test_whatever_is_claimed_otherwise_is_other_content(otherwise: dict[str, Any]) -> None:
    """So that it is told again."""
    assert digest_of(replace(CLAIM, **otherwise), Severity.ORANGE, "v1") != SAID


def test_severity_and_version_are_content_and_where_records_stood_is_not() -> None:
    """Two lanes that read the same report from two places say the same."""
    assert digest_of(CLAIM, Severity.RED, "v1") != SAID
    assert digest_of(CLAIM, Severity.ORANGE, "v2") != SAID
    moved = replace(REF, source=Source("flow", 3, 99))
    assert digest_of(replace(CLAIM, refs=(moved,), speaks_at=7), Severity.ORANGE, "v1") == SAID


def test_the_digest_of_a_content_never_changes() -> None:
    """It is kept with what was said: another would tell every finding that stands again."""
    assert SAID.hex() == "e9acce683f093a594119c209"


def test_a_finding_says_who_claims_what_of_which_key_and_how_often_it_was_told() -> None:
    """Number, status and times are what was said; the rest is the claim's and the rule's."""
    said, subject = Said(3, SAID, Status.CLOSED, 1, 20, 30), Subject("book:S1/DET")
    assert finding_of(subject, "B2-x", said, "B2", "v1", Severity.ORANGE, CLAIM) == Finding(
        "B2-x", 3, "B2", "v1", "book:S1/DET", Status.CLOSED, Severity.ORANGE, CLAIM, 20, 30
    )


def test_evidence_cites_as_many_as_there_is_room_for() -> None:
    """The first of them."""
    refs: tuple[Ref, ...] = ()
    for number in range(MOST_REFS + 3):
        refs = cite(refs, replace(REF, id=str(number)))
    assert [ref.id for ref in refs] == [str(number) for number in range(MOST_REFS)]


def test_a_finding_is_named_by_its_rule_its_subject_and_its_anchor() -> None:
    """No two of them run into each other."""
    of = [("B2", "book:S1/A", "x"), ("B1", "book:S1/A", "x"), ("B2", "book:S1/A", "y"), ("B2", "book:S1/B", "x")]
    names = {finding_id(*one) for one in (*of, ("B2", "book:S1/", "Ax"))}
    assert len(names) == 5
    assert all(name.split("-")[0] in ("B1", "B2") for name in names)
