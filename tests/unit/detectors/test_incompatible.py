"""Which goods may not be together: classes and their divisions, categories, and the registry's pairs."""

from __future__ import annotations

from datetime import date

from msgspec.structs import replace

from detectors.incompatible import clashes, is_of, listed, within
from events.registry import Category, IncompatibilityEntry, Origin
from tests.detector_kit import GOODS, at, register, world

TOXIC, FLAMMABLE = replace(GOODS["NACN"], hazard_class="6.1"), replace(GOODS["ACE"], hazard_class="3")
NOW = at("day 1 08:00")


def test_a_division_is_within_its_class_and_a_longer_number_is_not() -> None:
    """1.1D is of 1.1 and of 1; 10 is not of 1; no class is none and nothing else."""
    assert [within("1.1D", named) for named in ("1", "1.1", "1.1D", "1.2", "1.1D.1")] == [True] * 3 + [False] * 2
    assert [within("10", "1"), within("1", "10"), within(None, "none"), within("3", "none")] == [
        False, False, True, False,
    ]  # fmt: skip


def test_a_kind_is_a_category_a_class_or_both() -> None:
    """Both must hold where both are named."""
    of = (Category.CHEMICALS, "6.1")
    kinds = ("chemicals", "chemicals/6", "*/6.1", "*/3", "firearms", "firearms/6")
    assert [is_of(of, named) for named in kinds] == [True] * 3 + [False] * 3
    assert is_of((Category.FIREARMS, None), "firearms/none")


def test_a_pair_clashes_whichever_is_named_first_and_only_while_the_registry_says_so() -> None:
    """By policy, or by the registry's pair in force; goods that nobody knows clash with nothing."""
    bare = world((register(TOXIC), register(FLAMMABLE)))
    held = ("NACN", "ACE", "DET", "NOBODY")
    assert list(clashes(held, NOW, bare, ())) == []
    for kinds in (("chemicals/3", "*/6"), ("*/6", "chemicals/3")):
        assert list(clashes(held, NOW, bare, (kinds,))) == [("ACE", "NACN")]
    assert list(clashes(held, NOW, bare, (("explosives", "chemicals"),))) == [("ACE", "DET"), ("DET", "NACN")]
    for one, other in (("3", "6.1"), ("6", "3")):
        pair_entry = register(
            IncompatibilityEntry(one=one, other=other), valid_from="day 1 08:00", valid_to="day 2 00:00"
        )
        kept_apart = world((register(TOXIC), register(FLAMMABLE), pair_entry))
        assert list(clashes(held, NOW, kept_apart, ())) == [("ACE", "NACN")]
        assert list(clashes(held, NOW - 1, kept_apart, ())) == []
        assert list(clashes(held, at("day 2 00:00"), kept_apart, ())) == []


def test_the_list_of_the_first_pair_that_the_registry_names_is_cited() -> None:
    """A pair that is no pair of the registry's cites nothing; of several lists the first by name, in force then."""
    of = [Origin(name, date(2026, 1, 1)) for name in ("GB 2", "GB 1", "GB 0")]
    entries = [
        register(IncompatibilityEntry(one="3", other="6.1", origin=of[0]), id="one"),
        register(IncompatibilityEntry(one="6", other="3", origin=of[1]), id="other"),
        register(IncompatibilityEntry(one="3", other="6", origin=of[2]), id="over", valid_to="day 1 00:00"),
    ]
    kept_apart = world((register(TOXIC), register(FLAMMABLE), *entries))
    assert listed((("ACE", "NACN"),), NOW, kept_apart) == of[1].cited
    assert listed((("ACE", "DET"), ("NACN", "ACE")), NOW, kept_apart) == of[1].cited
    assert listed((("ACE", "DET"),), NOW, kept_apart) is None
