"""Refusals: why an event was not taken, in which field, and how to mend it.

Law kept: a refusal has a reason and a way back (law 7). Bad data is a value, never an exception.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from events.time import Instant


class Reason(StrEnum):
    """The stable reason codes; each has a heading in the docs."""

    NOT_JSON = "not_json"
    INVALID_UTF8 = "invalid_utf8"
    NUMBER_NOT_FINITE = "number_not_finite"
    TOO_DEEP = "too_deep"
    OVERSIZE = "oversize"
    UNKNOWN_KIND = "unknown_kind"
    UNKNOWN_VERSION = "unknown_version"
    MISSING_FIELD = "missing_field"
    UNKNOWN_FIELD = "unknown_field"
    WRONG_TYPE = "wrong_type"
    INVALID_VALUE = "invalid_value"
    TIME_WITHOUT_ZONE = "time_without_zone"
    IN_FUTURE = "in_future"
    QUANTITY_NOT_A_NUMBER = "quantity_not_a_number"
    QUANTITY_NEGATIVE = "quantity_negative"
    QUANTITY_TOO_FINE = "quantity_too_fine"
    QUANTITY_OVER_RANGE = "quantity_over_range"
    QUANTITY_UNIT_UNKNOWN = "quantity_unit_unknown"
    WRONG_MEASURE = "wrong_measure"
    UNKNOWN_PROVIDER = "unknown_provider"
    UNKNOWN_SITE = "unknown_site"
    UNKNOWN_GOODS = "unknown_goods"
    UNKNOWN_UNIT = "unknown_unit"
    NOT_UNITS_SITE = "not_units_site"
    UNKNOWN_TARGET = "unknown_target"
    ID_REUSED = "id_reused"
    AFTER_CLOSE = "after_close"
    BOOKS_CANNOT_TAKE = "books_cannot_take"


MEND: dict[Reason, tuple[str, str]] = {
    Reason.NOT_JSON: ("请发送一个 JSON 对象", "send one JSON object"),
    Reason.INVALID_UTF8: ("请用 UTF-8 编码", "encode the text as UTF-8"),
    Reason.NUMBER_NOT_FINITE: (
        "不得使用 NaN 或 Infinity",
        "JSON has no NaN and no Infinity: leave the field out",
    ),
    Reason.TOO_DEEP: ("嵌套过深，请按契约的结构发送", "nested too deeply: follow the contract's structure"),
    Reason.OVERSIZE: ("单条记录不得超过 256 KiB", "one record is at most 256 KiB: split it"),
    Reason.UNKNOWN_KIND: (
        "kind 应为 flow、inventory、consignment、position、registry 之一",
        "kind is one of flow, inventory, consignment, position, registry",
    ),
    Reason.UNKNOWN_VERSION: ("version 应为 1", "version is 1"),
    Reason.MISSING_FIELD: ("请补上该字段", "add the field"),
    Reason.UNKNOWN_FIELD: (
        "契约中没有该字段，请删除或改正拼写",
        "the contract has no such field: remove or respell it",
    ),
    Reason.WRONG_TYPE: ("请改为契约规定的类型", "use the type that the contract names"),
    Reason.INVALID_VALUE: ("请改为契约允许的值", "use a value that the contract allows"),
    Reason.TIME_WITHOUT_ZONE: (
        "时间须带时区，如 2026-05-01T08:00:00+08:00",
        "name the zone, such as 2026-05-01T08:00:00+08:00",
    ),
    Reason.IN_FUTURE: (
        "发生时间晚于接收时间，请校准时钟",
        "it would happen after it was received: set the clock right",
    ),
    Reason.QUANTITY_NOT_A_NUMBER: ('数量须为十进制字符串，如 "12.5"', 'write a decimal string such as "12.5"'),
    Reason.QUANTITY_NEGATIVE: (
        "数量不得为负；方向由操作表示",
        "quantities are not negative: the operation says the direction",
    ),
    Reason.QUANTITY_TOO_FINE: (
        "数量细于基本单位，不予舍入",
        "finer than the base unit, and nothing is rounded: report whole base units",
    ),
    Reason.QUANTITY_OVER_RANGE: ("数量超出范围", "over the largest quantity of one event: check the unit"),
    Reason.QUANTITY_UNIT_UNKNOWN: ("未知计量单位", "use a unit of the contract, such as kg, L, item, MBq"),
    Reason.WRONG_MEASURE: (
        "计量单位与品种的计量方式不符",
        "the unit does not measure what these goods are measured by",
    ),
    Reason.UNKNOWN_PROVIDER: ("该提供者未登记", "the provider is not registered here"),
    Reason.UNKNOWN_SITE: ("该仓库/使用点当时未登记", "register the site, in force when the event happened"),
    Reason.UNKNOWN_GOODS: ("该品种当时不在目录中", "register the goods, in force when the event happened"),
    Reason.UNKNOWN_UNIT: ("该从业单位当时未登记", "register the unit, in force when the event happened"),
    Reason.NOT_UNITS_SITE: ("该仓库/使用点不属于该单位", "name the unit that the site belongs to"),
    Reason.UNKNOWN_TARGET: (
        "未找到被更正的事件",
        "the event to correct never came: send it, or correct its id",
    ),
    Reason.ID_REUSED: (
        "同一编号内容不同；更正请用 corrects",
        "the same id came with other content: use a new id, or a correction",
    ),
    Reason.AFTER_CLOSE: (
        "该时段已关账；须经批准作为调整入账",
        "its time is closed: an operator may admit it as an adjustment",
    ),
    Reason.BOOKS_CANNOT_TAKE: (
        "系统自身的缺陷，非报告之误；已保存，升级到修正版本后重新接收",
        "a fault of hazflow, not of the report: kept, to be replayed by a version that mends it",
    ),
}
"""Reason → how to mend it (Chinese, English)."""


class Source(Struct, frozen=True, array_like=True, order=True, gc=False):
    """Where a record stands in the input: topic, partition, offset."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}/{self.offset}"


class Rejection(Struct, frozen=True, gc=False):
    """One refused record: everything needed to list, mend and replay it.

    ``raw`` is the record's bytes; None where only the position is kept and the bytes stay in the input log.
    """

    id: str
    reason: Reason
    field: str
    detail: str
    provider: str
    source: Source
    received_at: Instant
    event_id: str | None = None
    home: str | None = None
    raw: bytes | None = None
