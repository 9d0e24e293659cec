"""The catalogue: every detector of every rule file, each once, in the order in which people count."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import detectors
from detectors.catalogue import catalogue, rule_names
from detectors.paragraph import rule_name

FOLDER = Path(detectors.__path__[0])


def test_every_rule_file_is_found_and_nothing_else() -> None:
    """By its name: a letter, a number, words."""
    files = {path.stem for path in FOLDER.glob("*.py") if path.stem[1:2].isdigit()}
    assert set(rule_names()) == files
    assert rule_names() == tuple(sorted(files))
    assert not {"budget", "cause", "claim", "episode"} & files


def test_each_has_the_detectors_of_its_file_in_the_order_of_their_ids() -> None:
    """A2 before A10, all of A before B; one that lives on two kinds of key has one for each."""
    ids = [detector.card.id for detector in catalogue()]
    assert ids == sorted(ids, key=lambda id_: (id_[0], int(id_[1:])))
    assert ids.index("A2") < ids.index("A10") < ids.index("B1") < ids.index("E1")
    assert {rule_name(detector) for detector in catalogue()} == set(rule_names())
    on = [(detector.card.id, detector.card.key) for detector in catalogue()]
    assert len(set(on)) == len(on)
    assert {key for id_, key in on if id_ == "B10"} == {"serial", "book"}
    assert all(one[0] != other[0] or one[1] != other[1] for one, other in pairwise(on))


def test_it_is_made_once() -> None:
    """Whoever asks has the same detectors."""
    assert catalogue() is catalogue()
