"""Faust's assignor, which assigns all of a lane's topics or nothing.

Law kept: no lane is left without a worker in silence. A broker that has just come back may not know its topics yet;
Faust passes over what is missing and leaves the group content with an empty assignment, for ever.
"""

from __future__ import annotations

from aiokafka.cluster import ClusterMetadata
from faust.assignor.partition_assignor import (
    MemberAssignmentMapping,
    MemberMetadataMapping,
    PartitionAssignor,
)

from streams.broker.topics import TopicFault


class WholeAssignor(PartitionAssignor):
    """Refuses to assign as long as the broker does not name every topic: the worker ends, and is started again."""

    def assign(self, cluster: ClusterMetadata, member_metadata: MemberMetadataMapping) -> MemberAssignmentMapping:
        """The assignment of every lane."""
        wanted = {topic for member in member_metadata.values() for topic in member.subscription}
        missing = sorted(topic for topic in wanted if not cluster.partitions_for_topic(topic))
        if missing:
            raise TopicFault(
                f"the broker does not know {', '.join(missing)} (yet): the worker ends, to be started again"
            )
        return super().assign(cluster, member_metadata)
