"""The pages' own words, Chinese and English side by side, and how a page picks its language.

Law kept: whatever a person reads is there in both languages; a word that is missing is a failing test, not a blank.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

Lang: TypeAlias = Literal["zh", "en"]
Pair: TypeAlias = tuple[str, str]

SEVERITY: Final[Mapping[str, Pair]] = {
    "red": ("红色", "Red"),
    "orange": ("橙色", "Orange"),
    "yellow": ("黄色", "Yellow"),
    "blue": ("蓝色", "Blue"),
}
STATUS: Final[Mapping[str, Pair]] = {
    "open": ("持续中", "Open"),
    "closed": ("已结束", "Ended"),
    "withdrawn": ("已撤回", "Withdrawn"),
}
OPERATION: Final[Mapping[str, Pair]] = {
    "open": ("期初", "opening"),
    "receive": ("入库", "receive"),
    "issue": ("出库", "issue"),
    "produce": ("生产", "produce"),
    "consume": ("消耗", "consume"),
    "return": ("退库", "return"),
    "destroy": ("销毁", "destroy"),
    "declare_loss": ("报失", "declare loss"),
    "adjust": ("调整", "adjust"),
    "count": ("盘点", "count"),
    "weigh": ("盘点（称重）", "count by weighing"),
    "gauge": ("盘点（液位）", "gauge reading"),
}
ACTIVITY: Final[Mapping[str, Pair]] = {
    "produce": ("生产", "produce"),
    "sell": ("销售", "sell"),
    "purchase": ("购买", "purchase"),
    "store": ("储存", "store"),
    "use": ("使用", "use"),
    "transport": ("运输", "transport"),
}
"""What a licence allows."""
ROLE: Final[Mapping[str, Pair]] = {
    "handler": ("主办", "Handler"),
    "co_handler": ("协办", "Co-handler"),
    "informed": ("知会", "Informed"),
    "unit": ("从业单位", "The unit itself"),
}
TOTAL: Final[Mapping[str, Pair]] = {
    "opening": ("期初", "Opening"),
    "received": ("入库", "Received"),
    "produced": ("生产", "Produced"),
    "returned": ("退库", "Returned"),
    "issued": ("出库", "Issued"),
    "consumed": ("消耗", "Consumed"),
    "destroyed": ("销毁", "Destroyed"),
    "lost": ("报失", "Declared lost"),
    "adjusted": ("调整", "Adjusted"),
}
THROUGH: Final[Mapping[str, Pair]] = {
    "out": ("由本库发出", "Out of this book"),
    "into": ("发往本库", "Into this book"),
}
PASSAGE: Final[Mapping[str, Pair]] = {
    "sent": ("发出", "Sent"),
    "received": ("收到", "Received"),
    "lost": ("报失", "Declared lost"),
    "in_transit": ("在途或未决", "In transit or unresolved"),
}
TRANSIT: Final[Mapping[str, Pair]] = {
    "overdue": ("逾期未达", "Overdue"),
    "under_way": ("在途", "Under way"),
    "unsent": ("有入无出", "Never sent"),
    "difference": ("收发差异", "Ends differ"),
}
"""Where a consignment that does not come out even stands."""
DIRECTION: Final[Mapping[str, Pair]] = {
    "out": ("发往", "To"),
    "into": ("来自", "From"),
}
STANDING: Final[Mapping[str, Pair]] = {
    "accepted": ("已接收", "Accepted"),
    "known": ("已报过", "Already known"),
    "refused": ("已拒收", "Refused"),
    "kept": ("待处理", "Kept"),
    "mended": ("已更正", "Mended"),
    "replayed": ("已重放", "Replayed"),
}

WORDS: Final[Mapping[str, Pair]] = {
    "attached": ("附", "attached"),
    "attached_note": ("与上一条同一事件", "of the same event as the one above"),
    "attached_to": ("附于：{title}", "attached to: {title}"),
    "same_event": ("同一事件的预警", "Of the same event"),
    "led_by": ("牵头：", "Led by:"),
    "brand": ("危险物品流向监管", "Dangerous goods watch"),
    "skip": ("跳到正文", "Skip to content"),
    "nav": ("主导航", "Main"),
    "warnings": ("预警", "Warnings"),
    "books": ("台账", "Books"),
    "report": ("试报", "Try a report"),
    "rejected": ("拒收记录", "Refused records"),
    "other_language": ("English", "中文"),
    "log_out": ("退出", "Log out"),
    "demo_time": ("演示时间", "Demo time"),
    "time": ("系统时间", "Time reached"),
    "no_time": ("尚未开始计时", "time has not begun"),
    "hour_on": ("一小时后", "One hour on"),
    "day_end": ("到当日结束", "To the end of the day"),
    "standstill": (
        "时间已停滞 {n} 分钟：期限类预警不会触发，请检查数据接入",
        "Time has stood still for {n} minutes: deadlines do not fire. Check the feeders.",
    ),
    "calendar_soon": (
        "节假日数据还有 {n} 天用完：请导入下一年放假安排，否则工作日期限只按周末计算",
        "The days off known end in {n} days: import the next year's, or weekends alone will be known to be off.",
    ),
    "calendar_past": (
        "节假日数据已用完：工作日期限只按周末计算，请导入本年放假安排",
        "No days off are known any more: weekends alone count as off. Import this year's.",
    ),
    "reading": ("正在读入", "Reading"),
    "filter": ("筛选", "Filter"),
    "apply": ("查询", "Show"),
    "reset": ("清除", "Clear"),
    "area": ("行政区划", "Area"),
    "category": ("类别", "Category"),
    "severity": ("级别", "Severity"),
    "status": ("状态", "Status"),
    "detector": ("检出规则", "Detector"),
    "any": ("全部", "All"),
    "whole_province": ("全省", "Whole province"),
    "all_of": ("{name}（全市）", "{name} (all)"),
    "standing": ("有效（不含撤回）", "Standing (not withdrawn)"),
    "any_status": ("全部（含撤回）", "All, withdrawn too"),
    "warnings_n": ("条预警", "warnings"),
    "open_n": ("{n} 条持续中", "{n} open"),
    "newest": ("最新在前", "newest first"),
    "nothing": ("没有符合条件的预警。", "No warning fits."),
    "nothing_yet": (
        "还没有预警。读入上报之后，检出的异常会自动出现在这里。",
        "No warning yet. What the reports give rise to appears here by itself.",
    ),
    "fresh": ("有新预警：回到首页查看", "There are new warnings: back to the first page"),
    "more": ("更多", "More"),
    "older": ("更早", "Older"),
    "newer": ("回到最新", "Back to the newest"),
    "live": ("实时更新", "live"),
    "live_lost": ("连接中断，正在重连", "connection lost, trying again"),
    "raised": ("发出时间", "Raised"),
    "what": ("预警", "Warning"),
    "where": ("地点", "Where"),
    "whom": ("主办 / 签收截止", "Handler / sign by"),
    "sign_by": ("签收截止", "sign by"),
    "due_passed": ("时限已过（签收尚不在本系统登记）", "that time has passed (signing is not recorded here yet)"),
    "unit": ("从业单位", "Unit"),
    "site": ("仓库/使用点", "Site"),
    "goods": ("品种", "Goods"),
    "since": ("起", "Since"),
    "until": ("止", "Until"),
    "still": ("至今", "still so"),
    "place": ("地点", "Place"),
    "subject": ("对象", "Subject"),
    "found": ("情况", "What was found"),
    "numbers": ("数据", "The numbers"),
    "no_numbers": ("本预警不附数据。", "This warning carries no numbers."),
    "facts": ("所依据的上报", "The reports it rests on"),
    "facts_more": (
        "共依据 {n} 条上报，此处列出 {m} 条。",
        "It rests on {n} reports; {m} are listed.",
    ),
    "position": ("来源位置", "Position in the log"),
    "fact_gone": ("不是台账明细，原文见下列位置", "not a line of a book: its record is at the position below"),
    "provider": ("提供者", "Provider"),
    "event": ("事件编号", "Event"),
    "law": ("法律依据", "Legal basis"),
    "law_abroad": ("国外同类规定，仅供参照", "law elsewhere, for comparison only"),
    "law_unverified": ("条文待核实", "not verified at the source"),
    "law_verified": ("已核对原文", "verified at the source"),
    "article": ("第 {n} 条", "article {n}"),
    "recipients": ("谁处置，为什么", "Who must act, and why"),
    "held": ("处置后告知", "Told only after disposal"),
    "masked": ("敏感字段已屏蔽", "sensitive fields masked"),
    "basis_unverified": ("依据待核实", "unverified"),
    "then": ("其后", "then"),
    "misses": ("本规则查不出什么", "What this rule does not catch"),
    "history": ("修订记录", "What was said, and when"),
    "revision": ("修订", "Revision"),
    "said_at": ("发布时间", "Said at"),
    "identity": ("编号与版本", "Identity and versions"),
    "finding": ("检出编号", "Finding"),
    "rule_version": ("规则版本", "Rule version"),
    "routing_version": ("分派办法版本", "Routing policy"),
    "superseded": ("已由此检出取代", "Superseded by"),
    "withdrawn_by_fact": ("撤回依据（上报）", "Taken back by the report"),
    "withdrawn_by_entry": ("撤回依据（登记）", "Taken back by the registry entry"),
    "withdrawn_by_policy": ("现行办法不再认定", "No longer claimed under the policy"),
    "withdrawn_by_code": ("新版规则不再认定", "No longer claimed by this version of the rules"),
    "withdrawn_note": (
        "本预警已撤回：所依据的情况已不成立。",
        "This warning is withdrawn: what it rested on no longer holds.",
    ),
    "incomplete": ("检出不完整", "Incomplete"),
    "incomplete_note": (
        "以下规则在该对象上运行失败，结论可能不全：{names}",
        "These rules fell over at this subject, so something may be missing: {names}",
    ),
    "open_book": ("查看台账", "Open the book"),
    "as_json": ("JSON", "JSON"),
    "balance": ("账面结存", "Book balance"),
    "at": ("截至", "As of"),
    "now": ("现在", "now"),
    "see_at": ("查看时点", "Show as of"),
    "show_now": ("查看现在", "Show as of now"),
    "totals": ("收支合计", "Totals"),
    "transit": ("在途与收发差异", "In transit and unresolved"),
    "consignment": ("托运单", "Consignment"),
    "consignments": ("{n} 个托运单", "consignments: {n}"),
    "state": ("状态", "State"),
    "since_due": ("应到期限 {at}", "was due {at}"),
    "nothing_open": ("没有在途或未结清的托运。", "Nothing is under way and nothing unresolved."),
    "transit_law": (
        "发出 − 收到 − 报失 = 在途或未决。双方数量不符而未说明的，一直计入。",
        "Sent − received − declared lost = in transit. What the two ends do not agree on stays in it.",
    ),
    "periods": ("盘点期平衡", "Balance periods"),
    "period": ("起止盘点", "From count to count"),
    "period_opening": ("期初实盘", "Opening count"),
    "period_inputs": ("收入", "In"),
    "period_outputs": ("支出", "Out"),
    "period_adjusted": ("账面调整", "Adjusted"),
    "period_change": ("账面增减", "Book change"),
    "period_closing": ("期末实盘", "Closing count"),
    "muf": ("平衡差 MUF", "Unaccounted (MUF)"),
    "lost_of_it": ("其中报失 {amount}", "of it declared lost {amount}"),
    "missing": ("短少", "missing"),
    "surplus": ("多出", "too much"),
    "open_period": ("尚未盘点", "not counted yet"),
    "no_periods": ("还没有非估算的盘点。", "No count yet that is not an estimate."),
    "periods_law": (
        "期初实盘 + 收入 − 支出 − MUF = 期末实盘；账面增减 = 收入 − 支出 + 账面调整。估算的盘点不划分盘点期。",
        "Opening + in − out − MUF = closing; book change = in − out + adjusted. An estimated count ends no period.",
    ),
    "estimated": ("估算", "estimated"),
    "show_all": ("全部 {n} 条", "All {n}"),
    "lines": ("明细", "Lines"),
    "line_time": ("发生时间", "Happened"),
    "operation": ("操作", "Operation"),
    "quantity": ("数量", "Quantity"),
    "counterparty": ("对方", "Counterparty"),
    "paper": ("托运 / 许可", "Consignment / permit"),
    "difference": ("盘点差", "Count − book"),
    "agrees": ("相符", "agrees"),
    "book_unchanged": ("不改账面", "book unchanged"),
    "chart": ("结存变化", "Balance over time"),
    "chart_text": (
        "{goods} 在 {site} 的账面结存，从 {start} 到 {end}，最低 {low}，最高 {high}。",
        "Book balance of {goods} at {site} from {start} to {end}: lowest {low}, highest {high}.",
    ),
    "key_balance": ("账面结存", "book balance"),
    "key_count": ("盘点相符（称量、计量品种为 1% 以内）", "count agrees (measured goods: within 1 %)"),
    "key_off": ("盘点不符", "count differs"),
    "key_capacity": ("核定储量", "licensed capacity"),
    "no_lines": ("该时点之前没有任何上报。", "Nothing was reported up to then."),
    "bad_instant": ("时间须如 2026-05-01T08:00", "write a time such as 2026-05-01T08:00"),
    "book_warnings": ("该台账的预警", "Warnings about this book"),
    "search": ("查找", "Search"),
    "search_hint": (
        "仓库、使用点、品种的名称或编号",
        "name or id of a site or goods",
    ),
    "no_books": ("没有符合条件的台账。", "No book fits."),
    "last_line": ("最近上报", "Last report"),
    "report_lead": (
        "向演示系统提交一条上报，看看会怎样。内容可以修改。",
        "Post a report to the demo and see what happens. You may edit it.",
    ),
    "ready_made": ("现成的上报", "Ready-made reports"),
    "send": ("提交", "Post it"),
    "answer": ("系统答复", "The answer"),
    "expect": ("预期结果", "What to expect"),
    "json_text": ("上报内容（JSON）", "The report (JSON)"),
    "reason": ("原因", "Reason"),
    "field": ("字段", "Field"),
    "mend": ("如何更正", "How to mend"),
    "record": ("原始记录", "Record"),
    "no_bytes": ("原始字节保留在输入日志中", "its bytes stay in the input log"),
    "no_rejected": ("没有拒收记录。", "No record was refused."),
    "rejected_lead": (
        "每条拒收记录连同原文、来源和原因一并保存；用 hazflow rejected 更正并重放。",
        "Each refused record is kept with its bytes, position and reason: hazflow rejected mends and replays it.",
    ),
    "door_closed": (
        "系统暂时不能接收上报，请 {n} 秒后再试。",
        "Reports cannot be taken just now: try again in {n} s.",
    ),
    "too_many": (
        "该提供者的拒收记录已达上限，请 {n} 秒后再试。",
        "Too many refused records of this provider: try again in {n} s.",
    ),
    "not_found": ("没有这个页面", "There is no such page"),
    "not_found_text": (
        "编号可能有误，或者对应的上报尚未收到。",
        "The id may be mistyped, or what it names was not reported yet.",
    ),
    "failed": ("请求无法处理", "The request cannot be served"),
    "home": ("返回预警列表", "Back to the warnings"),
    "log_in": ("登录", "Log in"),
    "token": ("访问令牌", "Access token"),
    "log_in_lead": (
        "请输入本系统的访问令牌（设置 HAZFLOW_TOKEN）。",
        "Enter this installation's token (the setting HAZFLOW_TOKEN).",
    ),
    "wrong_token": ("令牌不对。", "That is not the token."),
    "footer": (
        "依据《福建省危险物品“一体化”安全监管信息平台管理办法》（2017-07-17）",
        "Under the Fujian measures on the integrated dangerous-goods supervision platform (2017-07-17)",
    ),
    "shanghai": ("北京时间", "Beijing time"),
}


def say(pair: Pair, lang: Lang) -> str:
    """The half of a pair that is in the language."""
    return pair[0 if lang == "zh" else 1]


def language(wanted: str | None, kept: str | None, accepted: str) -> Lang:
    """The language of a page: asked for, else kept in the cookie, else what the browser prefers, else Chinese.

    >>> language(None, None, "en-GB,en;q=0.9"), language("zh", "en", "en"), language(None, None, "")
    ('en', 'zh', 'zh')
    """
    said = next((one for one in (wanted, kept) if one in ("zh", "en")), accepted.strip().lower()[:2])
    return "en" if said == "en" else "zh"
