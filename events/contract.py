"""The contract as documents: a JSON Schema for each kind of event, and one AsyncAPI 3 document over all topics.

Law kept: the types are the contract; the documents are made from them, and a test proves that those committed
are current. What a schema cannot say (a quantity's fineness, say) is in the description of its reason code.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from events.rejection import MEND, Reason
from events.report import Consignment, Flow, Inventory, Position, Registry

VERSION: Final = "1.0.0"
DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
KINDS: Final[Mapping[str, type[msgspec.Struct]]] = {
    "flow": Flow,
    "inventory": Inventory,
    "consignment": Consignment,
    "position": Position,
    "registry": Registry,
}
"""Kind → its type; each has a topic of its name."""
_KEYED_BY: Final = {
    "flow": "the site (a correction: the home of what it corrects)",
    "inventory": "the site (a correction: the home of what it corrects)",
    "consignment": "the consignment",
    "position": "the vehicle",
    "registry": "the unit, or * for everyone",
}


def documents(outputs: Mapping[str, type[msgspec.Struct]]) -> dict[str, bytes]:
    """File name → content: ``schemas/<kind>.json`` and ``asyncapi.json``.

    ``outputs`` are the topics that hazflow writes for others, with the type of their messages.
    """
    files = {f"schemas/{kind}.json": _pretty(schema(kind)) for kind in KINDS}
    return files | {"asyncapi.json": _pretty(asyncapi(outputs))}


def schema(kind: str) -> dict[str, Any]:
    """The JSON Schema of one kind of event."""
    made = msgspec.json.schema(KINDS[kind])
    return {"$schema": DRAFT, "$id": f"urn:hazflow:event:{kind}:{VERSION}", "title": kind} | made


def asyncapi(outputs: Mapping[str, type[msgspec.Struct]]) -> dict[str, Any]:
    """The AsyncAPI 3 document: what hazflow takes, and what it tells."""
    types = [*KINDS.values(), *outputs.values()]
    made, components = msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")
    payloads = dict(zip([*KINDS, *outputs], made, strict=True))
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "hazflow",
            "version": VERSION,
            "description": "Reports on dangerous goods in, routed warnings out. 危险物品上报及预警。",
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {name: _channel(name, output=name in outputs) for name in payloads},
        "operations": {
            **{f"take_{kind}": _operation("receive", kind, refusals=True) for kind in KINDS},
            **{f"tell_{name}": _operation("send", name) for name in outputs},
        },
        "components": {
            "messages": {name: _message(name, payload) for name, payload in payloads.items()},
            "schemas": components,
        },
    }


def _channel(name: str, *, output: bool) -> dict[str, Any]:
    about = "CloudEvents 1.0 in binary mode." if output else f"Keyed by {_KEYED_BY[name]}."
    return {
        "address": name,
        "description": about,
        "messages": {name: {"$ref": f"#/components/messages/{name}"}},
    }


def _operation(action: str, name: str, *, refusals: bool = False) -> dict[str, Any]:
    made: dict[str, Any] = {"action": action, "channel": {"$ref": f"#/channels/{name}"}}
    if refusals:
        reasons = "\n".join(f"- {reason}: {MEND[reason][1]} · {MEND[reason][0]}" for reason in Reason)
        made["description"] = f"What breaks the contract is refused with a reason code:\n{reasons}"
    return made


def _message(name: str, payload: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "contentType": "application/json", "payload": payload}


def _pretty(document: dict[str, Any]) -> bytes:
    return msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n"
