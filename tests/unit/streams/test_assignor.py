"""Sharing out lanes: all of them, or none and not in silence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from aiokafka.cluster import ClusterMetadata
from msgspec import Struct

from streams.broker.topics import TopicFault, Topics
from streams.broker.worker import make_app
from streams.settings import Settings
from tests.laws.lanes import shipped

LANES = 4


class Knowing(ClusterMetadata):  # type: ignore[misc]  # aiokafka has no types
    """A broker's word on its topics."""

    def __init__(self, *topics: str) -> None:
        super().__init__()
        self._topics = topics

    def partitions_for_topic(self, topic: str) -> set[int] | None:
        """The partitions of a topic that it knows."""
        return set(range(LANES)) if topic in self._topics else None


class Joined(Struct, frozen=True):
    """Who has joined the group, and for what."""

    subscription: list[str]
    user_data: bytes


@pytest.fixture
def assignor(tmp_path: Path) -> Any:
    """The assignor that a worker is made with."""
    return make_app(Settings(application="shared", partitions=LANES), shipped, tmp_path).assignor


def joined(assignor: Any) -> dict[str, Joined]:
    """One worker, subscribed to what lanes read."""
    topics = Topics("shared").lane
    return {"one": Joined(list(topics), assignor.metadata(set(topics)).user_data)}


def test_a_worker_gets_every_topic_of_every_lane(assignor: Any) -> None:
    """Law: partition p of all of a lane's topics goes to one worker."""
    (given,) = assignor.assign(Knowing(*Topics("shared").lane), joined(assignor)).values()
    assert {topic: sorted(lanes) for topic, lanes in given.assignment} == {
        topic: list(range(LANES)) for topic in Topics("shared").lane
    }


@pytest.mark.parametrize("known", [0, 3])
def test_a_broker_that_does_not_know_the_topics_yet_is_not_taken_at_its_word(assignor: Any, known: int) -> None:
    """Law: an empty assignment would leave all lanes without a worker, and everybody content."""
    with pytest.raises(TopicFault, match="shared-facts"):
        assignor.assign(Knowing(*Topics("shared").lane[:known]), joined(assignor))
