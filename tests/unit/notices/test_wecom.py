"""Messages in WeCom, against a stand-in on this machine that answers as documents 91039 and 90236
describe.
"""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from notices.by_wecom import WeComChannel
from notices.channels import Letter
from notices.errors import Refused, SendError, Unsure

LETTER = Letter("0001", "zhangsan", "您的提问已有答复。", "https://example.test/enquiries/")


class Far(BaseHTTPRequestHandler):
    answers: list = []
    sent: list = []
    tokens = 0

    def _say(self, answer):
        text = json.dumps(answer).encode() if isinstance(answer, dict) else answer
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def do_GET(self):
        type(self).tokens += 1
        self._say({"errcode": 0, "access_token": f"T{self.tokens}", "expires_in": 7200})

    def do_POST(self):
        token = parse_qs(urlsplit(self.path).query)["access_token"][0]
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.sent.append((token, body))
        answer = self.answers.pop(0)
        if answer is None:  # the line breaks before the answer
            self.connection.close()
            return
        self._say(answer)

    def log_message(self, *args):
        pass


@pytest.fixture
def far(settings):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Far)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    Far.answers, Far.sent, Far.tokens = [], [], 0
    app = {
        "client_id": "corp",
        "secret": "hidden",
        "settings": {"agent_id": "7", "api_url": f"http://127.0.0.1:{server.server_port}"},
    }
    settings.SOCIALACCOUNT_PROVIDERS = {"wecom": {"APPS": [app]}}
    yield Far
    server.shutdown()
    server.server_close()


def test_the_message_asks_that_a_repetition_be_dropped(far):
    far.answers = [{"errcode": 0}]
    WeComChannel().send(LETTER)
    [(token, body)] = far.sent
    assert token == "T1"
    assert (body["touser"], body["agentid"]) == ("zhangsan", 7)
    assert body["enable_duplicate_check"] == 1
    assert body["text"]["content"].endswith("/enquiries/")


def test_a_token_that_ran_out_is_fetched_anew_once(far):
    far.answers = [{"errcode": 42001}, {"errcode": 0}]
    WeComChannel().send(LETTER)
    assert [token for token, _ in far.sent] == ["T1", "T2"]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"errcode": 81013}, Refused),
        ({"errcode": 0, "invaliduser": "zhangsan"}, Refused),
        ({"errcode": 45009}, SendError),
        (b"busy", Unsure),
        (None, Unsure),
    ],
)
def test_an_answer_says_whether_to_try_again(far, answer, error):
    far.answers = [answer]
    with pytest.raises(SendError) as problem:
        WeComChannel().send(LETTER)
    assert type(problem.value) is error
    assert "T1" not in str(problem.value)
    assert "zhangsan" not in str(problem.value)


def test_a_far_end_that_is_away_got_nothing(settings):
    app = {
        "client_id": "corp",
        "secret": "hidden",
        "settings": {"agent_id": "7", "api_url": "http://127.0.0.1:9"},
    }
    settings.SOCIALACCOUNT_PROVIDERS = {"wecom": {"APPS": [app]}}
    with pytest.raises(SendError) as problem:
        WeComChannel().send(LETTER)
    assert type(problem.value) is SendError
    assert "hidden" not in str(problem.value)
