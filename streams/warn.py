"""ROUTE: from findings to warnings: who is told, of what, by when, and why.

Law kept: routing is total; a warning explains itself. The same for both engines.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from detectors.catalogue import catalogue
from detectors.claim import Claim, Finding
from detectors.detector import Detector
from detectors.policy import RulePolicy
from detectors.world import World
from events.identity import kind_of
from events.registry import UnitEntry
from ledger.fact import Ref
from ledger.reference import Reference
from routing.areas import Areas
from routing.notice import FactRef, Law, Text, WarningNotice
from routing.policy import Policy, in_force
from routing.question import Question
from routing.route import route


class Warner:
    """Everything that turns a finding into a notice: detectors' words, rule policies, routing policies, areas."""

    def __init__(self, world: World, areas: Areas, policies: Sequence[Policy]) -> None:
        self._world, self._areas, self._policies = world, areas, policies
        self._detectors: Mapping[tuple[str, str], Detector] = {
            (detector.card.id, detector.card.key): detector for detector in catalogue()
        }

    def notice(self, finding: Finding, reference: Reference) -> WarningNotice:
        """The notice of one finding; ``reference`` is that of its key, for the unit's own area."""
        claim = finding.claim
        detector = self._detectors[(finding.detector, kind_of(finding.subject))]
        rule = self._rule(finding)
        policy = in_force(self._policies, finding.raised_at) or self._policies[0]
        unit = reference.in_force(UnitEntry, "self", claim.since, claim.unit)
        answer = route(
            Question(
                finding_id=finding.id,
                detector=finding.detector,
                category=claim.category.value,
                severity=finding.severity.value,
                area=claim.area,
                at=claim.since,
                raised_at=finding.raised_at,
                unit=claim.unit,
                unit_area=unit.area if unit is not None else "",
                informed_areas=claim.informed_areas,
                inform_unit=rule.inform_unit,
            ),
            policy,
            self._areas,
        )
        place = self._areas.place(claim.area, claim.since)
        name = self._areas.name(place.id, claim.since) if place is not None else (claim.area, claim.area)
        return WarningNotice(
            finding=finding.id,
            revision=finding.revision,
            detector=finding.detector,
            title=Text(*detector.card.title),
            explanation=Text(detector.explain(finding, "zh"), detector.explain(finding, "en")),
            misses=Text(*detector.card.misses),
            status=finding.status.value,
            severity=finding.severity.value,
            category=claim.category.value,
            subject=finding.subject,
            area=claim.area,
            area_name=Text(*name),
            unit=claim.unit,
            site=claim.site,
            goods=claim.goods,
            since=claim.since,
            until=claim.until,
            raised_at=finding.raised_at,
            told_at=finding.told_at,
            numbers=claim.numbers,
            facts=tuple(map(_cited, claim.refs)),
            fact_count=claim.ref_count or len(claim.refs),
            basis=tuple(
                Law(basis.law, basis.article, basis.verified, basis.abroad)
                for basis in rule.basis
                if basis.covers(claim.since, claim.category)
            ),
            rule_version=finding.version,
            routing_version=answer.policy_version,
            recipients=answer.recipients,
            held=answer.held,
            why=answer.why,
            superseded_by=finding.superseded_by,
            incomplete=finding.incomplete,
            opened_by=_opened_by(claim),
            withdrawn_by=None if finding.withdrawn_by is None else _cited(finding.withdrawn_by),
        )

    def _rule(self, finding: Finding) -> RulePolicy:
        policy = self._world.policy(finding.claim.since)
        if policy is None:
            raise LookupError("a finding without a policy in force")
        return policy.rules[finding.detector]


def _opened_by(claim: Claim) -> str:
    """The cited fact that is the claim's anchor, by itself or with what of it is claimed; else the first cited."""
    cited = [ref.id for ref in claim.refs]
    anchors = (id for id in cited if claim.anchor == id or claim.anchor.startswith(f"{id}|"))
    return next(anchors, cited[0] if cited else "")


def _cited(ref: Ref) -> FactRef:
    return FactRef(ref.id, ref.source.topic, ref.source.partition, ref.source.offset)
