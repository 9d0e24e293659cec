"""``hazflow topics``: make the topics of this application on the broker, or show what is wrong with them."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from cli.installation import settings
from cli.verb import Exit, Verb


def _arguments(parser: ArgumentParser) -> None:
    below = parser.add_subparsers(dest="what", required=True, metavar="create|check")
    create = below.add_parser("create", help="创建缺少的主题 · make those that are missing")
    create.add_argument(
        "--replication", type=int, default=-1, metavar="N", help="副本数 · copies (the broker's default)"
    )
    below.add_parser("check", help="检查主题 · say what is wrong with them")


def run(arguments: Namespace) -> int:
    """Make or check."""
    from streams.broker.topics import create_topics, faults

    found = settings()
    if arguments.what == "create":
        for name in create_topics(found, arguments.replication):
            print(f"已创建 · made {name}")
    wrong, topics = faults(found)
    for fault in wrong:
        print(f"✗ {fault}")
    if not wrong:
        print(f"✓ {len(topics)} 个主题 · topics, {found.partitions} 分区 · partitions")
    return Exit.FOUND if wrong else Exit.OK


VERB = Verb(
    "topics",
    ("在 Kafka 上创建或检查主题", "make the topics on Kafka, or say what is wrong with them"),
    ("topics create", "topics create --replication 3", "topics check"),
    _arguments,
    run,
)
