"""A worker that is killed while the far end has its message: nobody gets it twice."""

import datetime as dt
import json
import os
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.utils import timezone

from notices.delivering import LEASE, deliveries_sweep, deliveries_work
from notices.inbox import unread_count
from notices.models import ChannelChoice, Delivery
from notices.telling import tell
from tests.factories import UserFactory
from tests.integration.media_pipeline.test_worker_process import database_url

pytestmark = pytest.mark.django_db(transaction=True)
BODY = {"to": "{phone}", "id": "{id}", "say": "{text}"}
WORKER = """
import django
django.setup()
from notices.delivering import deliveries_work
deliveries_work()
"""


class Gateway(BaseHTTPRequestHandler):
    """Takes each message, answers the first one only when it is let go."""

    calls: list = []
    let_go = threading.Event()

    def do_POST(self):
        self.calls.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        if len(self.calls) == 1:
            self.let_go.wait(60)
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *args):
        pass


@pytest.fixture
def gateway():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Gateway)
    server.handle_error = lambda *args: None  # it notices that its first caller is dead
    threading.Thread(target=server.serve_forever, daemon=True).start()
    Gateway.calls, Gateway.let_go = [], threading.Event()
    yield f"http://127.0.0.1:{server.server_port}/send"
    Gateway.let_go.set()
    server.shutdown()
    server.server_close()


def killed_in_the_call(url):
    environment = {
        **os.environ,
        "DATABASE_URL": database_url(),
        "SMS_GATEWAY_URL": url,
        "SMS_BACKEND": "notices.gateway.GatewaySms",
        "SMS_GATEWAY_NOTICE_BODY": json.dumps(BODY),
        "SMS_GATEWAY_TIMEOUT": "60",
        "NOTICES_QUIET": "",
    }
    worker = subprocess.Popen([sys.executable, "-c", WORKER], env=environment)
    try:
        deadline = time.monotonic() + 60
        while not Gateway.calls:
            assert worker.poll() is None, list(Delivery.objects.values())
            assert time.monotonic() < deadline
            time.sleep(0.05)
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait()


@pytest.mark.parametrize(
    ("remembers", "state", "calls"),
    [(0, Delivery.State.UNSURE, 1), (3600, Delivery.State.SENT, 2)],
)
def test_killed_in_the_call_it_is_repeated_only_where_that_is_dropped(
    gateway, settings, remembers, state, calls
):
    person = UserFactory(phone="13800138000")
    ChannelChoice.objects.create(person=person, channel="sms")
    tell(
        to=[person.pk],
        cause="enquiry",
        text="suggestion_answered",
        subject="enquiry:1",
        path="/enquiries/",
    )
    killed_in_the_call(gateway)
    assert Delivery.objects.get().state == Delivery.State.SENDING

    settings.SMS_BACKEND = "notices.gateway.GatewaySms"
    settings.SMS_GATEWAY |= {"URL": gateway, "NOTICE_BODY": BODY, "REMEMBERS": remembers}
    settings.NOTICES_QUIET = None
    later = timezone.now() + LEASE + dt.timedelta(seconds=1)
    assert deliveries_sweep(now=later) == 1
    deliveries_work(now=later)

    assert Delivery.objects.get().state == state
    assert len(Gateway.calls) == calls
    assert len({call["id"] for call in Gateway.calls}) == 1
    assert Gateway.calls[0]["to"] == "13800138000"
    assert unread_count(person) == 1
