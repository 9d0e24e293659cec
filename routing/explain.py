"""Says why a warning went where it went, in Chinese or English, for the officer who asks "why me".

Law kept: every recipient is explained by the rule, its line, and the article; what is unverified says so.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from events.time import format_instant
from routing.question import ROLE_NAMES, Answer, Recipient, Why

Lang: TypeAlias = Literal["zh", "en"]


def explain(answer: Answer, lang: Lang) -> str:
    """The whole routing of one finding as text, a line a reason."""
    zh = lang == "zh"
    head = (
        f"检出 {answer.finding_id} 的分派（办法 {answer.policy_version}，区划表 {answer.areas_version}）"
        if zh
        else f"Routing of {answer.finding_id} (policy {answer.policy_version}, areas {answer.areas_version})"
    )
    lines = [head, *(_reason(why, zh) for why in answer.why)]
    said = ""
    for recipient in answer.recipients:
        lines += _recipient(recipient, zh, said)
        said = recipient.due_basis
    for recipient in answer.held:
        lines.append(("处置后告知：" if zh else "told after disposal: ") + _who(recipient, zh))
    return "\n".join(lines)


def explain_office(answer: Answer, office: str, lang: Lang) -> str:
    """Why me, or why not me: one office's part (``public_security@350102``) in a routing."""
    zh = lang == "zh"
    for recipient in answer.recipients:
        if recipient.authority.id == office:
            return "\n".join(_recipient(recipient, zh, ""))
    if any(recipient.authority.id == office for recipient in answer.held):
        return f"{office}：处置后才告知" if zh else f"{office}: told only after disposal"
    head = answer.handler
    lead = head.why[0]
    text = (
        f"{office}：不是收件人。没有规则将该预警派给它；主办为 {_who(head, zh)}"
        if zh
        else f"{office}: not a recipient. No rule gives it this warning; the handler is {_who(head, zh)}"
    )
    return f"{text}\n  {_reason(lead, zh)}"


def _recipient(recipient: Recipient, zh: bool, said: str) -> list[str]:
    mask = ("（屏蔽敏感字段）" if zh else " (masked fields)") if recipient.masked else ""
    lines = [f"{ROLE_NAMES[recipient.role][0 if zh else 1]}{'：' if zh else ': '}{_who(recipient, zh)}{mask}"]
    if recipient.due_at is not None:
        again = recipient.due_basis == said  # the clock is explained once, not once a recipient
        basis = ("同上" if zh else "as above") if again else recipient.due_basis if zh else recipient.due_basis_en
        due = format_instant(recipient.due_at)
        lines.append(f"  签收截止 {due}：{basis}" if zh else f"  sign by {due}: {basis}")
        if not again:
            lines += [f"  {'其后：' if zh else 'then: '}{o.zh if zh else o.en}" for o in recipient.obligations]
    return lines + ["  " + _reason(why, zh) for why in recipient.why]


def _who(recipient: Recipient, zh: bool) -> str:
    return f"{recipient.authority.name[0 if zh else 1]} [{recipient.authority.id}]"


def _reason(why: Why, zh: bool) -> str:
    source = [why.article, f"{why.rule}:{why.line}" if why.line else why.rule]
    if not why.verified:
        source.append("依据待核实" if zh else "unverified")
    cited = ("；" if zh else "; ").join(part for part in source if part)
    text = why.zh if zh else why.en
    return f"- {text}" + (f"〔{cited}〕" if zh and cited else f" [{cited}]" if cited else "")
