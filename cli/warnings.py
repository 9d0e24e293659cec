"""``hazflow warnings``: the list, and one warning in full: its facts, numbers, law, authority, due time."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from cli.installation import asking, database_argument
from cli.show import Lang, json_argument, lang_argument, print_json, table
from cli.verb import Exit, Refused, Verb

if TYPE_CHECKING:
    from desk.asking import Asking, Listed, Wanted
    from routing.notice import WarningNotice

_STATUSES = ("standing", "open", "closed", "withdrawn", "all")
_STATUS_ZH = {"open": "持续", "closed": "已结束", "withdrawn": "已撤回"}


def _arguments(parser: ArgumentParser) -> None:
    common = ArgumentParser(add_help=False)
    database_argument(common)
    json_argument(common)
    lang_argument(common)
    below = parser.add_subparsers(dest="what", required=True, metavar="list|show")
    listing = below.add_parser("list", parents=[common], help="列表 · the list, latest first")
    listing.add_argument("--area", metavar="CODE", help="区划代码及其下级 · an area code, with all below it")
    listing.add_argument("--category", help="类别 · firearms, explosives, chemicals, ...")
    listing.add_argument("--severity", choices=("red", "orange", "yellow", "blue"), help="级别 · how bad")
    listing.add_argument("--status", choices=_STATUSES, default="standing", help="状态 · status (%(default)s)")
    listing.add_argument("--detector", metavar="ID", help="规则 · the rule, such as B2")
    listing.add_argument("--limit", type=int, default=50, metavar="N", help="最多几条 · at most (%(default)s)")
    show = below.add_parser("show", parents=[common], help="一条预警的全部 · one warning in full")
    show.add_argument("finding", metavar="FINDING", help="检出编号 · the finding's id")


def run(arguments: Namespace) -> int:
    """List, or show one."""
    return _show(arguments) if arguments.what == "show" else _list(arguments)


def _list(arguments: Namespace) -> int:
    from desk.asking import Wanted as Asked
    from events.time import format_instant

    asked = asking(arguments)
    wanted = Asked(
        areas=_below(arguments.area) if arguments.area else (),
        category=arguments.category or "",
        severity=arguments.severity or "",
        status="" if arguments.status == "all" else arguments.status,
        detector=arguments.detector or "",
    )
    total = asked.counts(wanted).total
    if arguments.json:
        notices = _flat(asked, wanted, arguments.limit)
        leads = {name: lead.finding for name, lead in asked.attached.leads(notices).items()}
        print_json({"total": total, "warnings": notices, "attached_to": leads})
        return Exit.OK
    told: list[tuple[str, WarningNotice]] = []
    for item in asked.grouped(wanted, limit=arguments.limit).items:
        told += [("", item.notice), *(("└ ", one) for one in item.attached)]
    zh = arguments.lang == "zh"
    head = ("检出", "级别", "状态", "类别", "区划", "对象", "起", "标题") if zh else (
        "finding", "severity", "status", "category", "area", "subject", "since", "title")  # fmt: skip
    rows = [
        (
            f"{mark}{one.finding}", one.severity, one.status, one.category, f"{one.area} {_in(one.area_name, zh)}",
            one.subject, format_instant(one.since), _in(one.title, zh),
        )
        for mark, one in told
    ]  # fmt: skip
    print(table(head, rows))
    print(f"{len(told)}/{total}")
    return Exit.OK


def _flat(asked: Asking, wanted: Wanted, limit: int) -> list[WarningNotice]:
    """The latest warnings that are wanted, attached ones in their own places."""
    notices: list[WarningNotice] = []
    cursor: str | None = ""
    while cursor is not None and len(notices) < limit:
        listing = asked.warnings(wanted, after=cursor, limit=limit - len(notices))
        notices += [one.notice for one in listing.items]
        cursor = listing.next
    return notices


def _below(code: str) -> tuple[str, ...]:
    """The codes of an area and of everything below it, at any time."""
    from streams.assembly import read_areas

    areas = read_areas()
    found: dict[str, None] = {}
    for at in areas.changes:
        top = areas.place(code, at)
        for area in areas.all_in_force(at) if top is not None else ():
            if top in areas.chain(area.id, at):
                found[area.code(at) or area.id] = None
    if not found:
        raise Refused(f"没有区划 {code}", f"there is no area {code}; an example: 350102")
    return tuple(found)


def _in(text: object, zh: bool) -> str:
    return str(getattr(text, "zh" if zh else "en"))


def _show(arguments: Namespace) -> int:
    asked = asking(arguments)
    found = asked.warning(arguments.finding)
    if found is None:
        raise Refused(
            f"没有检出 {arguments.finding}", f"there is no finding {arguments.finding}; see list", Exit.FOUND
        )
    revisions = [one.notice for one in asked.revisions(arguments.finding)]
    if arguments.json:
        lead = None if found.lead is None else found.lead.finding
        attached = [one.finding for one in found.attached]
        print_json({"warning": found.notice, "revisions": revisions, "attached_to": lead, "attached": attached})
    else:
        print(in_full(found.notice, arguments.lang))
        print("\n".join(_beside(found, zh=arguments.lang == "zh")))
        told = [f"  r{one.revision} {_at(one.told_at)} {one.status} {one.severity}" for one in revisions]
        print("\n".join([("历次" if arguments.lang == "zh" else "Revisions"), *told]))
    return Exit.OK


def _beside(found: Listed, *, zh: bool) -> list[str]:
    """What the same event made true besides: the warning that leads this one, and those that it leads."""
    lines: list[str] = []
    if found.lead is not None:
        lines.append(f"{'附于' if zh else 'Attached to'}: {found.lead.finding} {_in(found.lead.title, zh)}")
    if found.attached:
        lines.append("同一事件的其他预警" if zh else "Attached, of the same event")
        lines += [f"  {one.finding} {_in(one.title, zh)} [{one.severity}]" for one in found.attached]
    return lines


def in_full(notice: WarningNotice, lang: Lang) -> str:
    """Everything that a warning says of itself, as text."""
    from cli.routes import answer_of
    from desk.evidence import evidence
    from desk.words import WORDS
    from routing.explain import explain

    zh = lang == "zh"
    until = f" – {_at(notice.until)}" if notice.until is not None else ""
    status = _STATUS_ZH.get(notice.status, notice.status) if zh else notice.status
    lines = [
        f"{notice.detector} {_in(notice.title, zh)}  [{notice.severity}] {status}",
        f"{notice.id}  {notice.subject}  {_in(notice.area_name, zh)} {notice.area}",
        f"{_at(notice.since)}{until}",
        "",
        _in(notice.explanation, zh),
        "",
        "证据" if zh else "Numbers",
        *(f"  {row.label}: {row.value}  [{row.name} = {row.raw}]" for row in evidence(notice.numbers, lang)),
        (f"事实({notice.fact_count})" if zh else f"Facts ({notice.fact_count})"),
        *(f"  {fact.id}  {fact.topic}/{fact.partition}/{fact.offset}" for fact in notice.facts),
        "法律依据" if zh else "Law",
        *(
            f"  {law.law} {law.article}{_unverified(law.verified, zh)}{_abroad(law.abroad, zh)}"
            for law in notice.basis
        ),
        f"{'规则版本' if zh else 'Rule version'}: {notice.rule_version}",
        f"{'不能发现' if zh else 'Does not catch'}: {_in(notice.misses, zh)}",
    ]
    if notice.incomplete:
        lines.append(f"{'不完整' if zh else 'Incomplete'}: {', '.join(notice.incomplete)}")
    if notice.superseded_by:
        lines.append(f"{'由此取代' if zh else 'Superseded by'}: {notice.superseded_by}")
    if notice.withdrawn_by:
        taken = notice.withdrawn_by
        where = f"  {taken.topic}/{taken.partition}/{taken.offset}" if taken.topic else ""
        label = WORDS[f"withdrawn_by_{notice.taken_back_by}"][0 if zh else 1]
        lines.append(f"{label}: {taken.id}{where}")
    return "\n".join([*lines, "", explain(answer_of(notice), lang)])


def _unverified(verified: bool, zh: bool) -> str:
    return "" if verified else ("(待核实)" if zh else " (unverified)")


def _abroad(abroad: bool, zh: bool) -> str:
    return ("，国外同类规定，仅供参照" if zh else ", law elsewhere, for comparison only") if abroad else ""


def _at(at: int) -> str:
    from events.time import format_instant

    return format_instant(at)


VERB = Verb(
    "warnings",
    ("预警列表,及一条预警的全部", "the warnings, and one of them in full"),
    (
        "warnings list --area 350100 --severity red",
        "warnings list --detector B2 --json",
        "warnings show B2-0123456789abcdef0123 --lang zh",
    ),
    _arguments,
    run,
)
