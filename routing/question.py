"""What a warning asks of routing, and what it is told: who handles, who helps, who knows, why, by when.

Law kept: every recipient carries the rule and the article that made it one (law 10); who is told only
later, so as not to tip off an insider, is kept apart from who is told now.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, Literal, TypeAlias

from msgspec import Struct

from events.time import Instant

SEVERITIES: Final = ("red", "orange", "yellow", "blue")
SEVERITY_NAMES: Final = {
    "red": ("红色", "red"),
    "orange": ("橙色", "orange"),
    "yellow": ("黄色", "yellow"),
    "blue": ("蓝色", "blue"),
}
InformUnit: TypeAlias = Literal["now", "after_disposal", "never"]
UNIT: Final = "unit"


class Question(Struct, frozen=True, kw_only=True):
    """One finding that needs recipients.

    ``area`` is the place's code as of ``at`` (the event's instant), or an area id; ``unit_area`` the unit's
    (the consignor's, on the road), used when the place is outside the table; ``informed_areas`` are origin,
    transit and destination. ``raised_at`` starts the clocks and says whose the cases are now.
    """

    finding_id: str
    detector: str
    category: str
    severity: str
    area: str
    at: Instant
    raised_at: Instant
    unit: str
    unit_area: str = ""
    informed_areas: tuple[str, ...] = ()
    inform_unit: InformUnit = "now"
    site_kind: str = ""


class Role(StrEnum):
    """What a recipient is on one warning."""

    HANDLER = "handler"
    CO_HANDLER = "co_handler"
    INFORMED = "informed"
    UNIT = "unit"


ROLE_NAMES: Final = {
    Role.HANDLER: ("主办", "handler"),
    Role.CO_HANDLER: ("协办", "co-handler"),
    Role.INFORMED: ("知会", "informed"),
    Role.UNIT: ("从业单位", "unit"),
}


class Reason(StrEnum):
    """Why a step of the routing went the way it went."""

    LEAD = "lead"
    LEVEL = "level"
    PLACE_ABOVE_LEVEL = "place_above_level"
    LEVEL_MISSING = "level_missing"
    ACTS_AS = "acts_as"
    REDIRECTED = "redirected"
    CO_HANDLER = "co_handler"
    INFORMED = "informed"
    ALONG_THE_WAY = "along_the_way"
    UNIT_NOW = "unit_now"
    UNIT_AFTER_DISPOSAL = "unit_after_disposal"
    UNIT_NEVER = "unit_never"
    PLACE = "place"
    SUCCEEDED = "succeeded"
    OUTSIDE_TABLE = "outside_table"
    UNKNOWN_PLACE = "unknown_place"
    NO_RULE = "no_rule"
    UNKNOWN_SEVERITY = "unknown_severity"


class Why(Struct, frozen=True):
    """One step's reason, in words, with the policy rule (and its line) and the article behind it."""

    reason: Reason
    zh: str
    en: str
    rule: str = ""
    line: int | None = None
    article: str = ""
    verified: bool = True


class Authority(Struct, frozen=True, tag="authority"):
    """主管部门: an agency of one area; ``name`` in Chinese and English."""

    agency: str
    area_id: str
    name: tuple[str, str] = ("", "")

    @property
    def id(self) -> str:
        """Stable name, such as ``public_security@350102``."""
        return f"{self.agency}@{self.area_id}"

    @property
    def stream(self) -> str:
        """The name of its stream of warnings."""
        return f"warnings:{self.id}"


class Enterprise(Struct, frozen=True, tag="unit"):
    """从业单位: the unit itself as a recipient."""

    unit: str
    name: tuple[str, str] = ("", "")

    @property
    def id(self) -> str:
        """Stable name, such as ``unit@U17``; no agency may be called ``unit``."""
        return f"{UNIT}@{self.unit}"

    @property
    def stream(self) -> str:
        """The name of its stream of warnings."""
        return f"warnings:{self.id}"


class Obligation(Struct, frozen=True):
    """A clock that starts later, such as disposal within a day of signing."""

    clock: str
    starts: str
    length: str
    zh: str
    en: str


class Recipient(Struct, frozen=True):
    """Who gets the warning, as what, masked or not, due when (by which clock), and why.

    ``due_at`` is for signing (签收); ``obligations`` are the clocks that signing starts.
    """

    role: Role
    authority: Authority | Enterprise
    masked: bool
    due_at: Instant | None
    due_basis: str
    due_basis_en: str
    obligations: tuple[Obligation, ...]
    channels: tuple[str, ...]
    why: tuple[Why, ...]


class Answer(Struct, frozen=True):
    """The routing of one finding: the handler first, each authority once.

    ``held`` are recipients told only after disposal; ``why`` are reasons that concern the whole warning.
    """

    finding_id: str
    recipients: tuple[Recipient, ...]
    held: tuple[Recipient, ...]
    policy_version: str
    areas_version: str
    why: tuple[Why, ...]

    @property
    def handler(self) -> Recipient:
        """The one who handles."""
        return self.recipients[0]
