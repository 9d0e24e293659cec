"""``hazflow models``: grow E7's forests, see what there is, put one in force; score a log, ask what if."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cli.installation import (
    database_argument,
    database_path,
    existing,
    model_folders,
    now,
    open_engine,
    parse_at,
    settings,
)
from cli.log_items import log_items
from cli.models_score import arguments_of_score, run_score
from cli.models_what_if import arguments_of_what_if, run_what_if
from cli.progress import progress
from cli.show import json_argument, lang_argument, print_json, table
from cli.verb import Exit, Refused, Verb

if TYPE_CHECKING:
    from events.log import Received, Tick
    from events.registry import Category
    from models.artefact import Model

_STEP: Final = 10_000
"""So many items are learnt from before it is shown how far training is."""


def _arguments(parser: ArgumentParser) -> None:
    below = parser.add_subparsers(dest="what", required=True, metavar="train|list|show|publish|score|what-if")
    train = below.add_parser("train", help="训练 · grow forests on a clean log, or on a simulated clean province")
    train.add_argument("--log", type=Path, metavar="LOG", help="干净的日志 · a clean log, or its folder")
    train.add_argument("--counties", type=int, default=12, metavar="N", help="模拟县数 · simulated (%(default)s)")
    train.add_argument("--days", type=int, default=28, metavar="N", help="模拟天数 · simulated (%(default)s)")
    train.add_argument("--seed", type=int, default=1, help="模拟的随机种子 · of the simulation (%(default)s)")
    train.add_argument("--forest-seed", type=int, default=1, metavar="N", help="森林的随机种子 · (%(default)s)")
    train.add_argument("--category", action="append", metavar="C", help="类别(可多次)· repeat for several (all)")
    train.add_argument("--trees", type=int, default=100, metavar="N", help="树数 · (%(default)s)")
    train.add_argument("--psi", type=int, default=256, metavar="N", help="每树样本数 · rows a tree (%(default)s)")
    train.add_argument("--out", type=Path, metavar="DIR", help="输出文件夹 · where to (HAZFLOW_HOME/models)")
    json_argument(train)
    listing = below.add_parser("list", help="列表 · every model file there is")
    json_argument(listing)
    show = below.add_parser("show", help="一个模型 · one model: its features, peers, thresholds by budget")
    show.add_argument("digest", metavar="DIGEST", help="摘要或其开头 · the digest, or its beginning")
    json_argument(show)
    lang_argument(show)
    publish = below.add_parser("publish", help="启用 · put a model in force, by a registry record")
    publish.add_argument("digest", metavar="DIGEST")
    publish.add_argument("--category", required=True, metavar="C")
    publish.add_argument("--effective-from", type=parse_at, metavar="INSTANT", help="不早于现在 · not before now")
    database_argument(publish)
    json_argument(publish)
    arguments_of_score(below.add_parser("score", help="评分 · score every unit-day of a log"))
    what_if = below.add_parser(
        "what-if", help="假设 · what another policy of E7 would have raised, without replaying"
    )
    arguments_of_what_if(what_if)


def run(arguments: Namespace) -> int:
    """Train, list, show, publish, score, or ask what if."""
    match arguments.what:
        case "train":
            return _train(arguments)
        case "list":
            return _list(arguments)
        case "show":
            return _show(arguments)
        case "score":
            return run_score(arguments)
        case "what-if":
            return run_what_if(arguments)
        case _:
            return _publish(arguments)


def _train(arguments: Namespace) -> int:
    from events.registry import Category
    from models.artefact import assemble, dump
    from models.fit import Growth, TooLittle, fit
    from streams.assembly import read_places
    from streams.model_files import save
    from streams.training import histories

    wanted = [_category(name) for name in arguments.category or Category]
    with _items(arguments) as items:
        found = histories(items, read_places())
    growth = Growth(seed=arguments.forest_seed, trees=arguments.trees, psi=arguments.psi)
    made: dict[Category, tuple[str, bytes]] = {}
    rows = []
    for category in wanted:
        try:
            artefact = fit(
                found.by_category.get(category, ()),
                window=found.window,
                growth=growth,
                habits=found.habits.get(category),
            )
        except TooLittle as fault:
            print(f"{category}: {fault}", file=sys.stderr)
            continue
        digest = assemble(artefact).digest
        made[category] = digest, dump(artefact)
        rows.append((category.value, digest, artefact.card.rows, len(artefact.clean), len(made[category][1])))
    out = arguments.out or Path(settings().home) / "models"
    if made:
        save(out, made, lambda category: _again(arguments, category))
    head = ("category", "digest", "rows", "clean", "bytes")
    if arguments.json:
        print_json([dict(zip(head, row, strict=True)) for row in rows])
    else:
        print(table(head, rows))
        print(f"→ {out}")
    return Exit.OK if len(made) == len(wanted) else Exit.FOUND


def _again(arguments: Namespace, category: str) -> str:
    """The command line that makes the same model again."""
    source = ["--counties", arguments.counties, "--days", arguments.days, "--seed", arguments.seed]
    if arguments.log is not None:
        source = ["--log", arguments.log.name]
    growth = ["--forest-seed", arguments.forest_seed, "--trees", arguments.trees, "--psi", arguments.psi]
    return " ".join(map(str, ["hazflow models train", *source, *growth, "--category", category]))


@contextmanager
def _items(arguments: Namespace) -> Iterator[Iterator[Received | Tick]]:
    if arguments.log is not None:
        with log_items(arguments.log) as items:
            yield items
        return
    print(f"模拟 · simulating {arguments.counties} counties, {arguments.days} days", file=sys.stderr, flush=True)
    simulated = _simulated(arguments)
    with progress("学习 · learning", len(simulated)) as advance:

        def told() -> Iterator[Received | Tick]:
            for done, item in enumerate(simulated, 1):
                yield item
                if done % _STEP == 0:
                    advance(done)

        yield told()


def _simulated(arguments: Namespace) -> tuple[Received | Tick, ...]:
    from msgspec.structs import replace

    import simulator

    areas = simulator.known_areas()
    if not 1 <= arguments.counties <= len(areas) or arguments.days < 1:
        raise Refused(f"县数 1 至 {len(areas)},天数至少 1", f"1 to {len(areas)} counties, 1 or more days")
    sized = simulator.of_size(areas, counties=arguments.counties, units_per_county=9, days=arguments.days)
    seldom = replace(simulator.clean(sized, arguments.seed), tick_minutes=60)
    return simulator.simulate(seldom, positions=False).log


def _list(arguments: Namespace) -> int:
    from events.time import format_instant
    from models.artefact import load
    from streams.model_files import model_files, shipped

    folders = model_folders(Path(settings().home))
    listed = {digest: category.value for folder in folders for category, digest in shipped(folder).items()}
    rows = []
    for path in model_files(folders):
        card = load(path.read_bytes(), digest=path.stem).card
        window = f"{format_instant(card.window[0])[:10]}/{format_instant(card.window[1])[:10]}"
        rows.append((path.stem, listed.get(path.stem), card.trees, card.psi, card.rows, window, str(path.parent)))
    head = ("digest", "category", "trees", "psi", "rows", "window", "folder")
    if arguments.json:
        print_json([dict(zip(head, row, strict=True)) for row in rows])
    else:
        print(table(head, rows))
    return Exit.OK


def _model(digest: str) -> Model:
    from models.artefact import load
    from streams.model_files import model_files

    fitting = [path for path in model_files(model_folders(Path(settings().home))) if path.stem.startswith(digest)]
    if len(fitting) != 1:
        raise Refused(
            f"{digest} 对应 {len(fitting)} 个模型", f"{digest} fits {len(fitting)} models; see list", Exit.FOUND
        )
    return load(fitting[0].read_bytes(), digest=fitting[0].stem)


def _show(arguments: Namespace) -> int:
    from events.time import format_instant
    from models.baseline import EVERYBODY
    from models.calibrate import Budget, limit

    model = _model(arguments.digest)
    card = model.card
    strata = {
        name: {
            per: limit(model.clean_of(name), Budget(1.0, per), model.dependence(name).effects)
            for per in (100, 1_000)
        }
        for name in (EVERYBODY, *model.strata)
    }
    if arguments.json:
        print_json({"digest": model.digest, "card": card, "clean": len(model.clean), "limits": strata})
        return Exit.OK
    zh = arguments.lang == "zh"
    lines = [
        f"{model.digest}  {card.trees} × {card.psi}, seed {card.seed}, {card.rows} rows, {len(model.clean)} clean",
        f"{format_instant(card.window[0])} – {format_instant(card.window[1])}, data {card.data}",
    ]
    lines += [f"  {name}" for name, _ in card.peers.segments]
    print("\n".join(lines))
    limits = [
        (name, found.clean, model.dependence(name).units, found.worth, per, f"{found.score:.4f}", found.basis.value,
         f"{100 * found.confidence:.0f} %", found.needed)
        for name, own in strata.items() for per, found in own.items() if found is not None
    ]  # fmt: skip
    head = ("clean scores of", "scores", "units", "worth", "one in", "above", "rests on", "surely", "needs")
    print(table(head, limits))
    rows = [(one.name, one.unit, one.zh if zh else one.en) for one in card.spec.features]
    print(table(("feature", "unit", "中文" if zh else "English"), rows))
    return Exit.OK


def _publish(arguments: Namespace) -> int:
    from events.intake import encode
    from events.log import Received
    from events.time import format_instant
    from streams.founding import PROVIDER, model_entry

    category, model = _category(arguments.category), _model(arguments.digest)
    engine = open_engine(existing(database_path(arguments)))
    try:
        at = now(engine)
        effective = at if arguments.effective_from is None else arguments.effective_from
        if effective < at:
            then = format_instant(at)
            raise Refused(f"不得早于现在 {then}", f"that is before now, {then}", Exit.FOUND)
        entry = model_entry(category, model.digest, effective, at)
        outcome = engine.apply([Received(encode(entry), PROVIDER, at)])[0]
    finally:
        engine.close()
    told = {"entry": entry.id, "effective_from": format_instant(effective), "standing": outcome.standing.value}
    if arguments.json:
        print_json(told)
    else:
        print("\n".join(f"{name}: {value}" for name, value in told.items()))
    return Exit.FOUND if outcome.standing == "refused" else Exit.OK


def _category(name: str) -> Category:
    from events.registry import Category

    try:
        return Category(name)
    except ValueError:
        known = ", ".join(Category)
        raise Refused(f"没有类别 {name}", f"there is no category {name}; there are {known}") from None


VERB = Verb(
    "models",
    (
        "同类离群模型:训练、列表、查看、启用、评分、假设",
        "E7's forests: train, list, show, publish, score, what-if",
    ),
    (
        "models train --counties 12 --days 28 --category chemicals --out var/models",
        "models train --log var/clean --json",
        "models list",
        "models show 3f2a --lang zh",
        "models publish 3f2a --category chemicals",
        "models score --log var/tiny --out var/scored.npz",
        "models what-if var/scored.npz --policies new-policies --by prefecture --labels var/tiny",
    ),
    _arguments,
    run,
)
