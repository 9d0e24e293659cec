"""Every metric there is, as one closed table: its name, kind, labels, and which process moves it.

Laws kept: a metric that is not in this table cannot be moved; each has a row in docs/metrics.md and is moved by a
test; what a label may say is bounded, so that no provider and no report makes a new series without end (11).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, Literal

from msgspec import Struct

OTHER: Final = "other"
"""What a label says of values beyond its bound."""


class Role(StrEnum):
    """What kind of process it is that is watched."""

    RUN = "run"
    """``hazflow run``: the embedded engine with door and pages."""
    WORKER = "worker"
    DOOR = "door"
    DESK = "desk"


class Metric(StrEnum):
    """The metrics by name."""

    LAG_RECORDS = "hazflow_lag_records"
    LAG_SECONDS = "hazflow_lag_seconds"
    LANES = "hazflow_lanes"
    RECORDS = "hazflow_records_total"
    BATCH_RECORDS = "hazflow_batch_records"
    STEP_SECONDS = "hazflow_step_seconds"
    COMMIT_SECONDS = "hazflow_commit_seconds"
    ABORTS = "hazflow_aborts_total"
    DUPLICATES = "hazflow_duplicates_total"
    REFUSED = "hazflow_refused_total"
    QUARANTINE = "hazflow_quarantine_records"
    WARNINGS = "hazflow_warnings_total"
    INCOMPLETE = "hazflow_incomplete_total"
    INCOMPLETE_KEYS = "hazflow_incomplete_keys"
    RESTORED_RECORDS = "hazflow_restored_records"
    RESTORE_REMAINING = "hazflow_restore_remaining_records"
    RESTORE_SECONDS = "hazflow_restore_seconds"
    TIME = "hazflow_time_seconds"
    TIME_BEHIND = "hazflow_time_behind_seconds"
    TIME_STANDS_STILL = "hazflow_time_stands_still"
    TICKED = "hazflow_ticked_seconds"
    KEYS = "hazflow_keys"
    INTAKE_RECORDS = "hazflow_intake_records_total"
    INTAKE_POSTS = "hazflow_intake_posts_total"
    INTAKE_SECONDS = "hazflow_intake_seconds"
    INTAKE_WAITING = "hazflow_intake_waiting_records"
    SPOOL = "hazflow_spool_bytes"
    FOLLOWER_LAG = "hazflow_follower_lag_records"
    FOLLOWER_SECONDS = "hazflow_follower_lag_seconds"
    FOLLOWER_RECORDS = "hazflow_follower_records_total"
    FOLLOWER_REFUSALS = "hazflow_follower_refusals_total"
    CHECK = "hazflow_check_ok"
    CALENDAR_DAYS = "hazflow_calendar_days"
    DISK_FREE = "hazflow_disk_free_bytes"


class Label(Struct, frozen=True):
    """What tells series of a metric apart; of more than ``most`` values the rest are ``other``.

    ``values`` are known beforehand: their series are there from the start, at 0.
    """

    name: str
    most: int
    values: tuple[str, ...] = ()


class Spec(Struct, frozen=True):
    """What a metric is. ``help`` in Chinese and English, as it stands on /metrics and in the documents."""

    kind: Literal["counter", "gauge", "histogram"]
    roles: tuple[Role, ...]
    help: tuple[str, str]
    labels: tuple[Label, ...] = ()
    buckets: tuple[float, ...] = ()


_LANE: Final = Label("lane", 1_024)
_TOPIC: Final = Label("topic", 16)
_PROVIDER: Final = Label("provider", 50)
_DETECTOR: Final = Label("detector", 64)
_FOLLOWER: Final = Label("follower", 2, ("projector", "redis"))
_SECONDS: Final = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
_ENGINE: Final = (Role.RUN, Role.WORKER)
_HTTP: Final = (Role.RUN, Role.DOOR)
_ASKED: Final = (Role.RUN, Role.DESK)

SPECS: Final[Mapping[Metric, Spec]] = {
    Metric.LAG_RECORDS: Spec(
        "gauge", (Role.WORKER,), ("尚未处理的记录数", "records on the topic that the lane has not applied yet"),
        (_LANE, _TOPIC),
    ),
    Metric.LAG_SECONDS: Spec(
        "gauge", (Role.WORKER,),
        ("上一批最新记录提交时的延迟秒数", "age of the newest record of the last batch when it was committed"),
        (_LANE, _TOPIC),
    ),
    Metric.LANES: Spec("gauge", (Role.WORKER,), ("本进程的分区道数", "lanes that this worker has")),
    Metric.RECORDS: Spec(
        "counter", _ENGINE, ("已处理并提交的记录数", "records applied and committed, ticks included"), (_TOPIC,)
    ),
    Metric.BATCH_RECORDS: Spec(
        "histogram", _ENGINE, ("每批记录数", "records of one transaction"), (),
        (1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000),
    ),
    Metric.STEP_SECONDS: Spec(
        "histogram", _ENGINE, ("每批计算耗时", "time that the steps of one batch took"), (), _SECONDS
    ),
    Metric.COMMIT_SECONDS: Spec(
        "histogram", _ENGINE,
        ("每批写入并提交的耗时", "time to write states and outputs of one batch and commit them"), (), _SECONDS,
    ),
    Metric.ABORTS: Spec(
        "counter", _ENGINE, ("未能提交而重做的批数", "batches that were not committed, and begun again")
    ),
    Metric.DUPLICATES: Spec(
        "counter", _ENGINE,
        ("跳过的重复记录", "records skipped: applied before (position), or known by their id (identity)"),
        (Label("by", 2, ("position", "identity")),),
    ),
    Metric.REFUSED: Spec(
        "counter", _ENGINE, ("拒收记录数", "records refused into the quarantine"), (Label("reason", 64), _PROVIDER)
    ),
    Metric.QUARANTINE: Spec(
        "gauge", _ASKED, ("隔离区待处理的记录", "refused records that wait to be mended"), (_PROVIDER,)
    ),
    Metric.WARNINGS: Spec(
        "counter", _ENGINE, ("发出的预警(含修订)", "warnings told, every revision counted"),
        (
            Label("severity", 4, ("red", "orange", "yellow", "blue")),
            Label("status", 3, ("open", "closed", "withdrawn")),
        ),
    ),
    Metric.INCOMPLETE: Spec(
        "counter", _ENGINE, ("规则运行失败次数", "times a detector fell over at a key"), (_DETECTOR,)
    ),
    Metric.INCOMPLETE_KEYS: Spec(
        "gauge", _ASKED, ("检出不完整的对象数", "keys where a detector is incomplete"), (_DETECTOR,)
    ),
    Metric.RESTORED_RECORDS: Spec(
        "gauge", _ENGINE, ("恢复已读记录数", "records of the state read by the last or present restore"), (_LANE,)
    ),
    Metric.RESTORE_REMAINING: Spec(
        "gauge", _ENGINE, ("恢复剩余记录数", "records of the state that the restore has yet to read"), (_LANE,)
    ),
    Metric.RESTORE_SECONDS: Spec(
        "gauge", _ENGINE, ("上次恢复耗时", "how long the last restore took"), (_LANE,)
    ),
    Metric.TIME: Spec("gauge", _ENGINE, ("业务时间(Unix 秒)", "how far time has come, Unix seconds"), (_LANE,)),
    Metric.TIME_BEHIND: Spec(
        "gauge", (*_ENGINE, Role.DESK),
        ("业务时间落后秒数(最慢的道)", "how far time is behind the clock, at the lane furthest behind"),
    ),
    Metric.TIME_STANDS_STILL: Spec(
        "gauge", (*_ENGINE, Role.DESK),
        ("时间停滞满 5 分钟为 1", "1 where time stands 5 minutes or more behind the clock"),
    ),
    Metric.TICKED: Spec("gauge", (Role.DOOR,), ("最后写出的时刻", "the last tick written, Unix seconds")),
    Metric.KEYS: Spec("gauge", (Role.WORKER,), ("内存中的对象数", "keys of the lane's state in memory"), (_LANE,)),
    Metric.INTAKE_RECORDS: Spec(
        "counter", _HTTP, ("HTTP 上报条数", "records answered over HTTP"),
        (Label("disposition", 3, ("accepted", "known", "refused")),),
    ),
    Metric.INTAKE_POSTS: Spec(
        "counter", _HTTP,
        ("HTTP 上报请求数", "posts by answer: taken, 429 (too_many), 503 (unavailable), or failed"),
        (Label("answer", 4, ("taken", "too_many", "unavailable", "failed")),),
    ),
    Metric.INTAKE_SECONDS: Spec(
        "histogram", _HTTP, ("HTTP 上报答复耗时", "from a post read to its durable answer"), (), _SECONDS
    ),
    Metric.INTAKE_WAITING: Spec(
        "gauge", _HTTP, ("等待落盘的记录", "records posted that are not durably answered yet")
    ),
    Metric.SPOOL: Spec(
        "gauge", (Role.DOOR,),
        ("Kafka 不可用时暂存在接收端磁盘的字节", "bytes that wait on the door's disk for Kafka"),
    ),
    Metric.FOLLOWER_LAG: Spec(
        "gauge", (Role.DESK,), ("查询库/Redis 尚未取走的记录", "committed records not yet taken"),
        (_FOLLOWER, _TOPIC),
    ),
    Metric.FOLLOWER_SECONDS: Spec(
        "gauge", (Role.DESK,), ("最近取走的记录的延迟", "age of the newest record when it was taken"), (_FOLLOWER,)
    ),
    Metric.FOLLOWER_RECORDS: Spec("counter", (Role.DESK,), ("已取走的记录", "records taken"), (_FOLLOWER,)),
    Metric.FOLLOWER_REFUSALS: Spec(
        "counter", (Role.DESK,), ("无法写入而重试的次数", "times it could not be written and was tried again"),
        (_FOLLOWER,),
    ),
    Metric.CHECK: Spec(
        "gauge", tuple(Role), ("就绪检查(1 正常)", "each check of /readyz: 1 well, 0 not"), (Label("check", 16),)
    ),
    Metric.CALENDAR_DAYS: Spec(
        "gauge", _ASKED,
        (
            "节假日还有多少天失效(负数:已失效;0:未导入)",
            "days until no days off are known any more (negative: since; 0: none)",
        ),
    ),
    Metric.DISK_FREE: Spec("gauge", tuple(Role), ("数据目录可用字节", "bytes free where HAZFLOW_HOME lies")),
}  # fmt: skip


def of_role(role: Role) -> tuple[Metric, ...]:
    """The metrics that a kind of process shows."""
    return tuple(metric for metric, spec in SPECS.items() if role in spec.roles)
