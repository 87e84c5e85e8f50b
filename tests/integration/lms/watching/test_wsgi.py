"""Beats below Django: the same answers, and refusals by the site."""

import base64
import json
from io import BytesIO

import pytest
from django.db import connection
from django.middleware.security import SecurityMiddleware
from django.test import Client

from config.headers import Headers
from lms.watching.evidence import Bitmap
from lms.watching.models import PlaySession
from lms.watching.play import play_session_open
from lms.watching.wsgi import BeatsFirst

ADDRESS = "/watch/beat/"


class Site:
    """Stands where Django stands, and keeps what it was asked."""

    def __init__(self):
        self.asked = []

    def __call__(self, environ, start_response):
        self.asked.append(environ["wsgi.input"].read())
        start_response("200 OK", [])
        return [b"the site"]


@pytest.fixture
def site():
    return Site()


@pytest.fixture
def token(member, lecture, wall):
    opened = play_session_open(user=member, lecture=lecture)
    wall.passes(30)
    return opened.token


def body(token, **changes):
    seen = base64.b64encode(Bitmap.span(0, 20).to_bytes()).decode()
    said = {"token": token, "seq": 1, "position": 20.0, "seen": seen, **changes}
    return json.dumps(said).encode()


def ask(site, said, *, method="POST", **environ):
    answered = []
    answer = BeatsFirst(site, middleware=(SecurityMiddleware, Headers))(
        {
            "PATH_INFO": ADDRESS,
            "REQUEST_METHOD": method,
            "CONTENT_LENGTH": str(len(said)),
            "SERVER_NAME": "testserver",
            "SERVER_PORT": "80",
            "wsgi.input": BytesIO(said),
            "wsgi.url_scheme": "http",
            **environ,
        },
        lambda status, headers: answered.append((status, dict(headers))),
    )
    return *answered[0], b"".join(answer)


def test_a_beat_is_answered_as_the_site_answers_it(site, token):
    status, headers, answer = ask(site, body(token))
    by_the_site = Client().post(ADDRESS, body(token), content_type="application/json")

    assert (status, site.asked) == ("200 OK", [])
    assert PlaySession.objects.get().accepted == 20
    assert json.loads(answer) == {**by_the_site.json(), "accepted": 20}
    expected = {**by_the_site.headers, "Content-Length": str(len(answer))}
    for which in (headers, expected):
        assert which.pop("Expires")
        which.pop("Vary", None)
        which.pop("Content-Language", None)
        which.pop("X-Frame-Options", None)
    assert headers == expected


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"[]",
        b"\xff{",
        b'{"token": "forged", "seq": 1, "position": 0, "seen": ""}',
        b'{"token": "forged", "seq": -1, "position": 0, "seen": ""}',
        b" " * (64 * 1024 + 1),
    ],
)
def test_what_is_no_beat_reaches_the_site_whole(site, db, said):
    assert ask(site, said)[2] == b"the site"
    assert site.asked == [said]


def test_a_voided_viewing_is_refused_by_the_site(site, token, wall):
    PlaySession.objects.update(voided_at=wall.now)
    assert ask(site, body(token))[2] == b"the site"
    assert site.asked == [body(token)]


def test_other_methods_addresses_and_lengths_are_the_sites(site, token):
    said = body(token)
    assert ask(site, said, method="GET")[2] == b"the site"
    assert ask(site, said, PATH_INFO="/watch/open/")[2] == b"the site"
    for length in ("", "-1", "many", "\u00b2"):
        assert ask(site, said, CONTENT_LENGTH=length)[2] == b"the site"
    assert PlaySession.objects.get().accepted == 0


def test_without_tls_the_site_sends_the_browser_there(site, token, settings):
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.SECURE_HSTS_SECONDS = 60
    door = BeatsFirst(site, middleware=(SecurityMiddleware, Headers))
    for scheme, accepted in (("http", 0), ("https", 20)):
        answered = []
        environ = {
            "PATH_INFO": ADDRESS,
            "REQUEST_METHOD": "POST",
            "CONTENT_LENGTH": str(len(body(token))),
            "HTTP_HOST": "testserver",
            "HTTP_X_FORWARDED_PROTO": scheme,
            "wsgi.input": BytesIO(body(token)),
            "wsgi.url_scheme": "http",
        }
        door(environ, lambda status, headers, to=answered: to.append(dict(headers)))
        assert PlaySession.objects.get().accepted == accepted
    assert answered[0]["Strict-Transport-Security"] == "max-age=60"


@pytest.mark.django_db(transaction=True)
def test_a_beat_that_was_taken_in_alone_leaves_no_connection_open(site, token, wall):
    wall.passes(60)
    everything = base64.b64encode(Bitmap.span(0, 120).to_bytes()).decode()
    assert json.loads(ask(site, body(token, seen=everything))[2])["completed"]
    assert connection.connection is None
