"""A message of the inbox at an operator's gateway: its template, and the mark of a repetition."""

import datetime as dt

import pytest

from notices.delivering import deliveries_work
from notices.models import Delivery
from tests.integration.notices.conftest import NOON
from tests.sms_gateway import Gateway, listening

pytestmark = pytest.mark.django_db
OK = (200, b'{"code": 0}')
BROKE = (504, b"")
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def remembers(settings):
    """`remembers(seconds)` says for how long the operator knows an {id}."""
    settings.NOTICE_CHANNELS = {"sms": "notices.by_sms.SmsChannel"}
    settings.SMS_BACKEND = "notices.gateway.GatewaySms"
    settings.WAGTAILADMIN_BASE_URL = "https://example.test"
    settings.WAGTAIL_SITE_NAME = "示例平台"
    with listening() as address:
        settings.SMS_GATEWAY = {
            "URL": address,
            "HEADERS": {},
            "BODY": {"template": "code"},
            "NOTICE_BODY": {
                "template": "notice",
                "to": "{phone}",
                "id": "{id}",
                "values": ["{words}", "{url}"],
                "whole": "{text}",
            },
            "SUCCESS": "code=0",
            "TIMEOUT": 2,
            "REMEMBERS": 0,
        }
        yield lambda seconds: settings.SMS_GATEWAY.update(REMEMBERS=seconds)


def bodies() -> list:
    return [body for _headers, body in Gateway.seen]


@pytest.mark.usefixtures("remembers")
def test_the_template_of_messages_is_filled_in(told, reader):
    Gateway.answers = [OK]
    told(reader)
    deliveries_work(now=NOON)
    one = Delivery.objects.get()
    assert one.state == Delivery.State.SENT
    assert bodies() == [
        {
            "template": "notice",
            "to": "13800138000",
            "id": str(one.key),
            "values": ["One 1", "https://example.test/me/"],
            "whole": "【示例平台】One 1 https://example.test/me/",
        }
    ]


@pytest.mark.parametrize(
    ("seconds", "state", "calls"),
    [(3600, Delivery.State.SENT, 2), (30, Delivery.State.UNSURE, 1)],
)
def test_what_may_have_gone_out_is_repeated_under_its_id_while_that_is_remembered(
    told, reader, remembers, seconds, state, calls
):
    remembers(seconds)
    Gateway.answers = [BROKE, OK]
    told(reader)
    deliveries_work(now=NOON)
    deliveries_work(now=NOON + MINUTE)
    assert Delivery.objects.get().state == state
    assert [body["id"] for body in bodies()] == [str(Delivery.objects.get().key)] * calls
