"""Settings: the environment over a file.

Law: a wrong setting is refused with its name and one that works, before anything is begun.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from streams.settings import SettingFault, Settings, address, read_settings


def test_the_environment_stands_over_the_file(tmp_path: Path) -> None:
    """What neither says is the default."""
    file = tmp_path / "hazflow.toml"
    file.write_text('partitions = 6\nbind = "127.0.0.1:9000"\n[topic_providers]\nflow = "gateway"\n')
    found = read_settings({"HAZFLOW_PARTITIONS": "12", "HAZFLOW_SETTINGS": str(file), "HOME": "/root"})
    assert (found.partitions, found.bind, found.application) == (12, "127.0.0.1:9000", Settings().application)
    assert found.topic_providers == {"flow": "gateway"}
    assert read_settings({"HAZFLOW_TOPIC_PROVIDERS": '{"flow": "g"}'}).topic_providers == {"flow": "g"}
    assert read_settings({"HAZFLOW_TRUST_PROVIDER_HEADER": "false"}).trust_provider_header is False


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"HAZFLOW_PARTITION": "4"}, "HAZFLOW_PARTITION: there is no such setting; known are .*partitions"),
        ({"HAZFLOW_PARTITIONS": "four"}, "setting partitions: .*an example: 12"),
        ({"HAZFLOW_PARTITIONS": "0"}, "setting partitions: 0 is not 1 to 1024"),
        ({"HAZFLOW_BIND": "8600"}, "setting bind: '8600' is no host:port; an example: 127.0.0.1:8600"),
        ({"HAZFLOW_BIND": "127.0.0.1:66000"}, "setting bind"),
        ({"HAZFLOW_BIND": "127.0.0.1:http"}, "setting bind"),
        ({"HAZFLOW_TOPIC_PROVIDERS": "gateway"}, 'TOPIC_PROVIDERS: .*an example: {"flow"'),
        ({"HAZFLOW_SECURITY_PROTOCOL": "TLS"}, "setting security_protocol: 'TLS'; an example: SASL_SSL"),
        ({"HAZFLOW_SESSION_TIMEOUT_S": "0"}, "setting session_timeout_s: 0.0 is not above 0; an example: 8.0"),
        ({"HAZFLOW_SESSION_TIMEOUT_S": "nan"}, "setting session_timeout_s"),
        ({"HAZFLOW_QUARANTINE_TOTAL": "-1"}, "setting quarantine_total: -1 is not above 0; an example: 1000000"),
        ({"HAZFLOW_SETTINGS": "/nowhere/hazflow.toml"}, "/nowhere/hazflow.toml: cannot be read as TOML"),
    ],
)
def test_a_wrong_setting_is_refused_with_its_name_and_an_example(environment: dict[str, str], says: str) -> None:
    """Operators mend it from the one line that they see."""
    with pytest.raises(SettingFault, match=says):
        read_settings(environment)


@pytest.mark.parametrize("content", [b"partitions = ", b"\xff\xfe", b'partition = "4"', b'partitions = "x"'])
def test_a_wrong_file_is_refused_like_a_wrong_variable(content: bytes, tmp_path: Path) -> None:
    """Not TOML, not UTF-8, a misspelt name, a wrong type: one kind of fault."""
    file = tmp_path / "hazflow.toml"
    file.write_bytes(content)
    with pytest.raises(SettingFault, match=r"hazflow\.toml|partitions"):
        read_settings({}, file)


@pytest.mark.parametrize("bind", ["0.0.0.0:8600", "192.168.0.7:8600", "[::]:8600", "hazflow.example:80"])
def test_beyond_this_machine_a_token_is_required(bind: str) -> None:
    """Law 9: nobody sees what is not theirs; whoever reaches the port sees everything."""
    with pytest.raises(SettingFault, match="a token is required"):
        read_settings({"HAZFLOW_BIND": bind})
    assert read_settings({"HAZFLOW_BIND": bind, "HAZFLOW_TOKEN": "long enough"}).bind == bind


@pytest.mark.parametrize("token", ["", "short"])
@pytest.mark.parametrize("bind", ["0.0.0.0:8600", "127.0.0.1:8600"])
def test_a_token_that_guards_nothing_is_no_token(token: str, bind: str) -> None:
    """An empty variable in a compose file must not open the door to all."""
    with pytest.raises(SettingFault, match="setting token: shorter than 8"):
        read_settings({"HAZFLOW_BIND": bind, "HAZFLOW_TOKEN": token})


def test_an_address_may_be_of_either_internet() -> None:
    """Port 0 asks for any free one."""
    assert address("[::1]:8600") == ("::1", 8600)
    assert address("127.0.0.1:0") == ("127.0.0.1", 0)
    assert read_settings({"HAZFLOW_BIND": "[::1]:8600"}).token is None
