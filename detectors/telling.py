"""Telling: what is made of a claim once it is to be said: the finding, and its content's digest.

Law kept: two claims with one content have one digest, wherever their records stood in the input.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Final

import msgspec

from detectors.claim import Claim, Finding, Severity
from detectors.subject import Said, Subject

_BYTES: Final = msgspec.msgpack.Encoder()


def finding_of(
    subject: Subject, name: str, said: Said, detector: str, version: str, severity: Severity, claim: Claim
) -> Finding:
    """A claim as it is told."""
    return Finding(
        id=name,
        revision=said.revision,
        detector=detector,
        version=version,
        subject=subject.key,
        status=said.status,
        severity=severity,
        claim=claim,
        raised_at=said.raised_at,
        told_at=said.told_at,
    )


def digest_of(claim: Claim, severity: Severity, version: str) -> bytes:
    """What counts as content: everything that is claimed, but not where its records stood in the input."""
    ids = tuple(ref.id for ref in claim.refs)
    content = (
        claim.anchor, claim.since, claim.until, ids, claim.numbers, claim.area, claim.unit, claim.category,
        claim.site, claim.goods, claim.informed_areas, severity, claim.ref_count, version,
    )  # fmt: skip
    return blake2b(_BYTES.encode(content), digest_size=12).digest()
