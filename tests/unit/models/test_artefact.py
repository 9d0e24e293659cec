"""A model survives as bytes, is named by its content, and nothing else is ever loaded."""

import dataclasses
import io
import json
import math
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
from models.baseline import EVERYBODY, Trailing, absorb
from models.calibrate import Basis, Budget, Dependence, limit
from models.features import STANDARD, rows
from models.fit import FINENESS, Growth, History, TooLittle, fit
from models.forest import score
from models.judge import judge, score_day
from models.unit_day import UnitDay, observe
from tests.unit.models.clean import WINDOW, clean_day, clean_histories

GROWTH = Growth(seed=7, trees=30, psi=128)
HISTORIES = clean_histories(units=24, days=100)
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


def test_every_unit_is_scored_by_a_forest_and_peers_that_never_saw_it() -> None:
    """Of five units each is held out once, and its scores are those of a model of the other four, rounded up."""
    few = HISTORIES[:5]
    artefact = fit(few, window=WINDOW, growth=GROWTH)
    scores: list[float] = []
    for held in few:
        other = assemble(fit([one for one in few if one is not held], window=WINDOW, growth=GROWTH))
        of_unit = [row for _, row in rows(held.days, other.card.peers.of(held.segment), STANDARD)]
        scores += score(other.flat, np.array(of_unit)).tolist()
    assert artefact.clean.tolist() == [math.ceil(one * FINENESS) / FINENESS for one in sorted(scores)]
    assert artefact.card.rows == len(scores)
    assert dict(artefact.card.dependence)[EVERYBODY] == Dependence(5, len(scores) / 5, (len(scores) / 5,) * 4)


def test_a_single_unit_calibrates_nothing() -> None:
    """There is nobody to know it by: a forest without clean scores, by which E7 says nothing."""
    artefact = fit(HISTORIES[:1], window=WINDOW, growth=GROWTH)
    assert len(artefact.clean) == 0
    assert limit(artefact.clean, Budget(1.0, 10.0)) is None


def test_a_model_of_old_keeps_its_name_and_takes_each_score_for_one() -> None:
    """Law 5: a card says nothing of what it did not know, so what was published by its digest stays that."""
    older = msgspec.structs.replace(STANDARD, version="unit-day-1", span=0)
    card = msgspec.structs.replace(ARTEFACT.card, spec=older, dependence=())
    told = msgspec.json.decode(msgspec.json.encode(card))
    assert "dependence" not in told
    assert set(told["spec"]) == {"version", "warm", "features"}
    model = load(dump(dataclasses.replace(ARTEFACT, card=card)))
    assert model.card == card
    assert model.dependence("store") == Dependence(len(model.clean), 1.0)


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
    effects = MODEL.dependence("store").effects
    threshold = limit(MODEL.clean, Budget(alarms_per_week=0.5, scored_per_week=60.0), effects)
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
