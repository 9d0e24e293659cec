"""The local servers keep their promises: what they acknowledged survives a kill, and none is left behind."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
import redis
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import NewTopic

from deploy.local import KafkaBroker, RedisServer, ServerFailed
from deploy.local.process import LocalProcess

TREE = Path(__file__).resolve().parents[2]

ORPHAN = """
import os, sys
from pathlib import Path
from deploy.local import RedisServer
server = RedisServer(Path(sys.argv[1]))
server.start()
print(server.pid, flush=True)
os.kill(os.getpid(), 9)
"""


def records(broker: KafkaBroker, topic: str) -> list[bytes]:
    """All values of a topic with one partition, up to its end."""
    consumer = KafkaConsumer(bootstrap_servers=broker.address, auto_offset_reset="earliest")
    partition = TopicPartition(topic, 0)
    consumer.assign([partition])
    end = consumer.end_offsets([partition])[partition]
    values: list[bytes] = []
    while len(values) < end:
        for batch in consumer.poll(timeout_ms=1000).values():
            values += [record.value for record in batch]
    consumer.close()
    return values


def produce(broker: KafkaBroker, topic: str, value: bytes) -> None:
    """One record, acknowledged."""
    producer = KafkaProducer(bootstrap_servers=broker.address, acks="all")
    producer.send(topic, value).get(timeout=30)
    producer.close()


def running(pid: int) -> bool:
    """Whether a process of this id runs (a zombie does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_the_shared_servers_answer(kafka_broker: KafkaBroker, redis_server: RedisServer) -> None:
    """Law: the session's fixtures give servers that take work at once."""
    admin = KafkaAdminClient(bootstrap_servers=kafka_broker.address)
    admin.create_topics([NewTopic("local-servers", 1, 1)])
    admin.close()
    produce(kafka_broker, "local-servers", b"hello")
    assert records(kafka_broker, "local-servers") == [b"hello"]
    client = redis.Redis.from_url(redis_server.url)
    assert client.ping()
    assert client.config_get("appendonly") == {"appendonly": "yes"}
    client.close()


def test_a_killed_broker_comes_back_with_what_it_acknowledged(tmp_path: Path) -> None:
    """Law: kill -9, then start: same address, same topics, same records."""
    with KafkaBroker(tmp_path / "kafka") as broker:
        address = broker.address
        admin = KafkaAdminClient(bootstrap_servers=broker.address)
        admin.create_topics([NewTopic("kept", 1, 1)])
        admin.close()
        produce(broker, "kept", b"before")
        broker.kill()
        assert broker.pid is None
        broker.start()
        assert broker.address == address
        produce(broker, "kept", b"after")
        assert records(broker, "kept") == [b"before", b"after"]


def test_a_broker_found_in_its_folder_keeps_its_address(tmp_path: Path) -> None:
    """Law: the folder is the broker: another process that opens it later finds the same one."""
    with KafkaBroker(tmp_path / "kafka") as broker:
        address = broker.address
    assert KafkaBroker(tmp_path / "kafka").address == address


def test_a_killed_redis_comes_back_with_its_append_only_file(tmp_path: Path) -> None:
    """Law: what was acknowledged survives kill -9 of the process (a power cut may cost its last second)."""
    with RedisServer(tmp_path / "redis") as server:
        client = redis.Redis.from_url(server.url)
        client.set("kept", "yes")
        server.kill()
        server.start()
        assert client.get("kept") == b"yes"
        client.close()


def test_a_frozen_redis_holds_its_tongue_until_it_is_thawed(tmp_path: Path) -> None:
    """Law: frozen is not dead: no answer, and after the thaw everything as before."""
    with RedisServer(tmp_path / "redis") as server:
        client = redis.Redis.from_url(server.url, socket_timeout=0.3, retry=None)
        server.freeze()
        with pytest.raises(redis.TimeoutError):
            client.ping()
        server.thaw()
        assert client.ping()
        client.close()


def test_a_server_does_not_outlive_the_process_that_started_it(tmp_path: Path) -> None:
    """Law: when its owner is killed, a server goes too; no test run leaves one behind."""
    owner = subprocess.run(
        [sys.executable, "-c", ORPHAN, str(tmp_path / "redis")],
        cwd=TREE,
        stdout=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )
    pid = int(owner.stdout)
    deadline = time.monotonic() + 10
    while running(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not running(pid)


def test_a_server_that_fails_says_why(tmp_path: Path) -> None:
    """Law: the error holds the end of the server's own log."""
    process = LocalProcess("a shell", tmp_path / "log")
    with pytest.raises(ServerFailed, match="the disk is full"):
        process.start(["/bin/sh", "-c", "echo the disk is full; exit 1"], answers=lambda: False)
