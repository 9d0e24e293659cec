"""``hazflow corridors``: plans with the roads and stops that were drawn for them on a map (GeoJSON).

Law kept: where a feature or a plan has a fault nothing is written; what is no plan, or has nothing drawn for it,
goes through as it came, byte for byte.
"""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.show import json_argument, lang_argument, print_json
from cli.verb import Exit, Refused, Verb

if TYPE_CHECKING:
    from cli.corridor_plans import Map
    from cli.reference_tables import Wrong

_SHOWN = 40


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("plans", type=Path, metavar="PLANS", help="运单上报 JSONL(可 gzip)· reports, one a line")
    parser.add_argument(
        "maps", type=Path, nargs="+", metavar="GEOJSON", help="路线(LineString)、停靠点(Point) · roads and stops"
    )
    parser.add_argument("--out", type=Path, metavar="FILE", help="写成上报文件 · write the reports, to be ingested")
    parser.add_argument("--dry-run", action="store_true", help="只列出将变更什么 · say what would change")
    parser.add_argument(
        "--revision", type=int, metavar="N", help="作为第 N 次更正 · as corrections of plans reported before"
    )
    parser.add_argument(
        "--half-width", type=_half_width, action="append", default=[], metavar="CLASS=METRES",
        help="道路等级的半宽 · half the width for a road_class",
    )  # fmt: skip
    json_argument(parser)
    lang_argument(parser)


def _half_width(text: str) -> tuple[str, float]:
    name, _, metres = text.partition("=")
    try:
        found = float(metres)
    except ValueError:
        found = 0.0
    if not name or not 0 < found <= 10_000:
        raise ArgumentTypeError(f"应为 等级=米数 · reads CLASS=METRES, as motorway=100: {text}")
    return name, found


def run(arguments: Namespace) -> int:
    """Fill in the plans; exit 1 where anything is wrong."""
    from cli.corridor_plans import Map
    from cli.geojson import read_features

    if arguments.out is None and not arguments.dry_run:
        raise Refused("须写明 --out 或 --dry-run", "say --out FILE, or --dry-run")
    if arguments.revision is not None and arguments.revision < 1:
        raise Refused("--revision 至少为 1", "--revision is 1 at least")
    told: list[dict[str, Any]] = []
    drawn = Map(dict(arguments.half_width))
    for path in arguments.maps:
        found = read_features(path)
        faults = sorted([*found.wrong, *drawn.put(found.features)], key=lambda one: one.line)
        told.append({"file": str(path), "features": len(found.features) + len(found.wrong), "faults": faults})
    lines, plans, faults = _fill(arguments, drawn)
    refused = bool(faults) or any(counts["faults"] for counts in told)
    done = "refused" if refused else "dry_run" if arguments.dry_run else "written"
    if done == "written":
        arguments.out.write_bytes(b"".join(line + b"\n" for line in lines))
    answer = {"done": done, "maps": told, "unused": drawn.unused(), "plans": plans, "faults": faults}
    if arguments.json:
        print_json(answer)
    else:
        _print(answer, zh=arguments.lang == "zh")
    return Exit.FOUND if refused else Exit.OK


def _fill(arguments: Namespace, drawn: Map) -> tuple[list[bytes], list[dict[str, Any]], list[Wrong]]:
    """The lines as they go out, what became of each plan, and what is wrong with which line."""
    from cli.reference_tables import Wrong
    from events.intake import Record, encode, read
    from events.rejection import Rejection, Source
    from streams.feeding import open_lines

    if not arguments.plans.is_file():
        raise Refused(f"没有文件 {arguments.plans}", f"there is no file {arguments.plans}", Exit.UNAVAILABLE)
    out: list[bytes] = []
    plans: list[dict[str, Any]] = []
    faults: list[Wrong] = []
    with open_lines(arguments.plans) as (lines, _):
        for number, raw in enumerate((line.strip() for line in lines), 1):
            if not raw:
                continue
            source = Source("corridors", 0, number)
            arrival = read(Record(raw, "corridors", 2**62, source))
            event = None if isinstance(arrival, Rejection) else _filled(arguments, drawn, arrival.event, plans)
            if event is None or isinstance(arrival, Rejection):
                judged = arrival
                out.append(raw)
            else:
                judged = read(Record(encode(event), "corridors", 2**62, source))
                out.append(encode(event))
            if isinstance(judged, Rejection):
                why = f"{judged.reason} {judged.detail}"
                faults.append(Wrong(number, judged.field, why, why))
    return out, plans, faults


def _filled(arguments: Namespace, drawn: Map, event: Any, plans: list[dict[str, Any]]) -> Any:
    """The plan with what was drawn for it, as it goes out; None where the line goes through as it is."""
    from cli.corridor_plans import corrected
    from events.report import Consignment

    if not isinstance(event, Consignment) or event.plan is None:
        return None
    filled = drawn.fill(event, event.plan)
    if filled is None:
        plans.append({"consignment": event.consignment, "what": "nothing_drawn"})
        return None
    plan = filled.event.plan
    assert plan is not None
    if filled.event == event:
        plans.append({"consignment": event.consignment, "what": "same", "features": filled.features})
        return None
    new = filled.event if arguments.revision is None else corrected(filled.event, arguments.revision)
    if new is None:
        raise Refused(
            f"运单 {event.consignment} 已更正至第 {arguments.revision} 次或以后:--revision 须更大",
            f"{event.consignment} is corrected to revision {arguments.revision} or later: name a higher one",
        )
    plans.append({
        "consignment": event.consignment, "what": "filled", "features": filled.features,
        "routes": [len(event.plan.routes), len(plan.routes)], "stops": [len(event.plan.stops), len(plan.stops)],
    })  # fmt: skip
    return new


def _print(answer: dict[str, Any], *, zh: bool) -> None:
    for counts in answer["maps"]:
        print(f"{counts['file']} {'要素' if zh else 'features'} {counts['features']}")
        _faults(counts["faults"], zh=zh)
    what = {"filled": "已填" if zh else "filled", "same": "不变" if zh else "same",
            "nothing_drawn": "无图" if zh else "nothing drawn"}  # fmt: skip
    counted = (f"{name} {sum(one['what'] == key for one in answer['plans'])}" for key, name in what.items())
    print(("运单 " if zh else "plans ") + ", ".join(counted))
    if answer["unused"]:
        print(f"{'未用' if zh else 'unused'} {len(answer['unused'])}: {', '.join(answer['unused'][:_SHOWN])}")
    _faults(answer["faults"], zh=zh)
    for one in [one for one in answer["plans"] if one["what"] == "filled"][:_SHOWN]:
        routes, stops = (f"{was} → {new}" for was, new in (one["routes"], one["stops"]))
        print(f"  ~ {one['consignment']}: routes {routes}, stops {stops}")
    print(answer["done"])


def _faults(faults: list[Wrong], *, zh: bool) -> None:
    for wrong in faults[:_SHOWN]:
        print(f"  {wrong.line}: {wrong.column} {wrong.zh if zh else wrong.en}")
    if len(faults) > _SHOWN:
        print(f"  … {len(faults) - _SHOWN}")


VERB = Verb(
    "corridors",
    ("把地图上的路线和停靠点(GeoJSON)填入运单", "fill roads and stops drawn on a map (GeoJSON) into plans"),
    (
        "corridors plans.jsonl roads.geojson --dry-run",
        "corridors plans.jsonl roads.geojson --half-width motorway=100 --half-width urban=50 --out filled.jsonl",
        "corridors plans.jsonl roads.geojson stops.geojson --revision 1 --out corrections.jsonl --json",
    ),
    _arguments,
    run,
)
