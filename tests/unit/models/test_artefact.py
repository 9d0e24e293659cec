"""A model survives as bytes, is named by its content, and nothing else is ever loaded."""

import dataclasses
import io
import json
import pickle
import random
import zipfile
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import pytest
import skops.io
from sklearn.tree import DecisionTreeRegressor

from models.artefact import Artefact, ArtefactRefused, Model, assemble, dump, load
from models.baseline import Trailing, absorb
from models.calibrate import Basis, Budget, limit
from models.fit import Growth, History, TooLittle, fit
from models.judge import judge, score_day
from models.unit_day import UnitDay, observe
from tests.unit.models.clean import WINDOW, clean_day, clean_histories

GROWTH = Growth(seed=7, trees=30, psi=128)
HISTORIES = clean_histories()
ARTEFACT = fit(HISTORIES, window=WINDOW, growth=GROWTH)
PACKED = dump(ARTEFACT)
MODEL = load(PACKED)


def repacked(change: Callable[[Any], None]) -> bytes:
    """The same artefact with its schema tampered with."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(PACKED)) as before, zipfile.ZipFile(out, "w") as after:
        for name in before.namelist():
            content = before.read(name)
            if name == "schema.json":
                schema = json.loads(content)
                change(schema)
                content = json.dumps(schema).encode()
            after.writestr(name, content)
    return out.getvalue()


def test_the_same_training_gives_the_same_digest() -> None:
    """Whatever the order of the histories, and although skops writes other bytes each time."""
    shuffled = HISTORIES.copy()
    random.Random(3).shuffle(shuffled)
    again = dump(fit(shuffled, window=WINDOW, growth=GROWTH))
    assert load(again).digest == MODEL.digest == assemble(ARTEFACT).digest


@pytest.mark.parametrize(
    "other",
    [
        fit(HISTORIES, window=WINDOW, growth=Growth(seed=8, trees=30, psi=128)),
        fit(HISTORIES, window=(0, 1), growth=GROWTH),
        fit(HISTORIES[1:], window=WINDOW, growth=GROWTH),
        dataclasses.replace(ARTEFACT, usual=ARTEFACT.usual + 1e-9),
        dataclasses.replace(ARTEFACT, clean=ARTEFACT.clean[:-1]),
    ],
    ids=["seed", "window", "histories", "usual row", "clean scores"],
)
def test_any_other_content_has_another_digest(other: Artefact) -> None:
    """Seed, window, histories, usual row and clean scores are all part of the name."""
    assert assemble(other).digest != MODEL.digest


def test_a_loaded_model_scores_in_the_same_bits() -> None:
    """Days judged before and after the trip through bytes are judged alike."""
    before, draw, trailing = assemble(ARTEFACT), random.Random(5), Trailing()
    for number in range(200, 230):
        day = clean_day(number, draw, 10**7)
        ours = [judge(model, day, trailing=trailing, segment="store") for model in (before, MODEL)]
        assert ours[0] == ours[1]
        trailing = absorb(trailing, day)


def test_rows_that_calibrate_do_not_grow_the_forest() -> None:
    """About three weeks in ten are held out, and every scored row is in exactly one part."""
    warming = 5 * len(HISTORIES)
    total = sum(len(history.days) for history in HISTORIES) - warming
    assert MODEL.card.rows + len(MODEL.clean) == total
    assert 0.2 < len(MODEL.clean) / total < 0.4


def stolen_at_night(number: int) -> UnitDay:
    day = UnitDay(number)
    for _ in range(4):
        day = observe(
            day,
            direction="out",
            quantity=4 * 10**9,
            hour=2,
            counterparty="stranger",
            corrected=True,
            late=True,
        )
    return day


def test_a_night_of_large_issues_to_a_stranger_stands_out_and_says_why() -> None:
    """Above the threshold of a budget, with a small p and features that an officer can check."""
    trailing = Trailing()
    for day in HISTORIES[0].days[-30:]:
        trailing = absorb(trailing, day)
    found = judge(MODEL, stolen_at_night(400), trailing=trailing, segment="store")
    threshold = limit(MODEL.clean, Budget(alarms_per_week=0.5, scored_per_week=60.0))
    assert found is not None
    assert threshold is not None
    assert threshold.basis is Basis.TOLERANCE
    assert found.score > threshold.score
    assert found.p < 0.01
    assert found.model == MODEL.digest
    assert {"night_share", "corrected_share", "late_share", "quantity_out"} & {c.feature for c in found.because}
    assert score_day(MODEL, stolen_at_night(400), trailing=trailing, segment="store") == found.score


def test_a_unit_that_is_warming_up_is_not_judged() -> None:
    """None, never 0."""
    assert judge(MODEL, stolen_at_night(400), trailing=Trailing(), segment="store") is None
    assert score_day(MODEL, stolen_at_night(400), trailing=Trailing(), segment="store") is None


def test_a_pickle_is_refused() -> None:
    """Nothing that could run code on loading gets as far as being loaded."""
    with pytest.raises(ArtefactRefused):
        load(pickle.dumps({"forest": 1}))


def test_a_foreign_type_is_refused_by_name() -> None:
    """An allow-list of exactly our types: even another scikit-learn model is a stranger."""
    foreign = skops.io.dumps({"forest": DecisionTreeRegressor(), "card": "{}", "clean": np.empty(0)})
    with pytest.raises(ArtefactRefused, match="DecisionTreeRegressor"):
        load(foreign)


def test_a_call_smuggled_into_the_schema_is_refused() -> None:
    """A node of our file renamed to os.system is named in the refusal and never built."""

    def smuggle(schema: Any) -> None:
        schema["content"]["forest"].update(__module__="os", __class__="system", __loader__="FunctionNode")

    with pytest.raises(ArtefactRefused, match=r"os\.system"):
        load(repacked(smuggle))


@pytest.mark.parametrize("part", ["forest", "card", "clean", "usual"])
def test_a_missing_part_is_refused(part: str) -> None:
    """A file without one of its four parts is no model."""
    with pytest.raises(ArtefactRefused):
        load(repacked(lambda schema: schema["content"].pop(part)))


@pytest.mark.parametrize("cut", [0, 1, 1000, -1000, -1])
def test_a_truncated_file_is_refused(cut: int) -> None:
    """Half a file is no model, wherever it was cut."""
    with pytest.raises(ArtefactRefused):
        load(PACKED[:cut])


def test_a_forged_tree_is_refused_before_anything_follows_it() -> None:
    """A child number outside the tree, or a way round, would lead scikit-learn out of its arrays."""
    for wrong in (10**6, -7, 0):
        forged = fit(HISTORIES, window=WINDOW, growth=GROWTH)
        tree = forged.forest.estimators_[0].tree_
        state = tree.__getstate__()
        state["nodes"] = state["nodes"].copy()
        state["nodes"]["left_child"][0] = wrong
        tree.__setstate__(state)
        with pytest.raises(ArtefactRefused, match="damaged"):
            assemble(forged)


def test_a_tree_that_claims_more_nodes_than_it_holds_is_refused() -> None:
    """Otherwise reading it would read beyond its memory."""
    forged = fit(HISTORIES, window=WINDOW, growth=GROWTH)
    tree = forged.forest.estimators_[0].tree_
    tree.__setstate__({**tree.__getstate__(), "node_count": 10**6})
    with pytest.raises(ArtefactRefused, match="claims"):
        assemble(forged)


def test_another_digest_than_the_one_asked_for_is_refused() -> None:
    """The registry names a model by its digest; other content under that name is refused."""
    assert isinstance(load(PACKED, digest=MODEL.digest), Model)
    with pytest.raises(ArtefactRefused, match=MODEL.digest):
        load(PACKED, digest="0" * 32)


def test_parts_that_do_not_fit_are_refused() -> None:
    """A card of another format, fewer features than the forest has, unsorted or infinite scores."""
    card = ARTEFACT.card
    narrower = msgspec.structs.replace(card.spec, features=card.spec.features[:-1])
    for wrong in (
        dataclasses.replace(ARTEFACT, card=msgspec.structs.replace(card, format=2)),
        dataclasses.replace(ARTEFACT, card=msgspec.structs.replace(card, spec=narrower)),
        dataclasses.replace(ARTEFACT, clean=ARTEFACT.clean[::-1]),
        dataclasses.replace(ARTEFACT, usual=np.full_like(ARTEFACT.usual, np.inf)),
    ):
        with pytest.raises(ArtefactRefused):
            dump(wrong)


def test_too_little_history_grows_no_forest() -> None:
    """A handful of rows, or none, is refused by name; so is one unit told twice."""
    with pytest.raises(TooLittle):
        fit([], window=WINDOW, growth=GROWTH)
    with pytest.raises(TooLittle):
        fit([History("u", "store", HISTORIES[0].days[:20])], window=WINDOW, growth=GROWTH)
    with pytest.raises(ValueError, match="one unit"):
        fit([HISTORIES[0], HISTORIES[0]], window=WINDOW, growth=GROWTH)
