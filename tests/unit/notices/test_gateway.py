"""A gateway is described by settings: what is posted, what counts as accepted, what is said."""

import json
from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from notices import sms
from notices.errors import SendError
from notices.gateway import GatewaySms, filled
from notices.sms import FileSms, Message
from tests.sms_gateway import Gateway, listening

MESSAGE = Message("13800138000", "code 123456", {"code": "123456", "minutes": "5"})


@pytest.fixture
def gateway(settings: Settings) -> Iterator[type[Gateway]]:
    with listening() as address:
        settings.SMS_GATEWAY = {
            "URL": f"{address}?key=hidden",
            "HEADERS": {"Authorization": "Bearer hidden"},
            "BODY": {"to": ["{phone}"], "template": "T1", "values": {"code": "{code}"}},
            "SUCCESS": "code=0",
            "TIMEOUT": 2,
        }
        yield Gateway


def test_the_body_is_the_template_filled_in(gateway: type[Gateway]) -> None:
    gateway.answers = [(200, b'{"code": 0}')]
    GatewaySms().send(MESSAGE)
    headers, body = gateway.seen[0]
    assert body == {"to": ["13800138000"], "template": "T1", "values": {"code": "123456"}}
    assert headers["Authorization"] == "Bearer hidden"


@pytest.mark.parametrize(
    "answer",
    [(500, b"{}"), (302, b""), (200, b'{"code": 7}'), (200, b"[]"), (200, b"busy")],
)
def test_an_answer_that_is_no_success_is_an_error_without_secrets(
    gateway: type[Gateway], answer: tuple[int, bytes]
) -> None:
    gateway.answers = [answer]
    with pytest.raises(SendError) as problem:
        GatewaySms().send(MESSAGE)
    for secret in ("hidden", "13800138000", "123456"):
        assert secret not in str(problem.value)


def test_a_gateway_that_cannot_be_reached_names_no_address(settings: Settings) -> None:
    settings.SMS_GATEWAY = {
        "URL": "http://127.0.0.1:9/?key=hidden",
        "HEADERS": {},
        "BODY": {},
        "SUCCESS": "",
        "TIMEOUT": 1,
    }
    with pytest.raises(SendError) as problem:
        GatewaySms().send(MESSAGE)
    assert str(problem.value) == "ConnectionError"
    assert problem.value.__cause__ is None


def test_a_value_is_not_filled_in_twice() -> None:
    assert filled("{a} {b} {", {"a": "{b}", "b": "x"}) == "{b} x {"


def test_a_message_that_is_lost_does_not_stop_the_request(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken:
        immediate = True

        def send(self, message: Message) -> None:
            raise SendError("the gateway answered 500")

    sms._deliver(Broken(), MESSAGE)
    assert "the gateway answered 500" in caplog.text
    assert "13800138000" not in caplog.text


def test_the_file_back_end_writes_a_line_a_message(settings: Settings) -> None:
    FileSms().send(MESSAGE)
    lines = (settings.LECTERN_VAR / "sms.jsonl").read_text().splitlines()
    assert json.loads(lines[0])["values"]["code"] == "123456"
