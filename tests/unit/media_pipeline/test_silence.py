"""The limit on silence while a body is read from a socket that the server lends."""

import socket

import pytest
from django.test import RequestFactory

from media_pipeline import tus


@pytest.fixture
def line():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours


def test_a_silent_line_is_given_up_and_the_limit_taken_back(line, monkeypatch):
    monkeypatch.setattr(tus, "SILENCE_SECONDS", 0.05)
    request = RequestFactory().get("/", **{"gunicorn.socket": line})
    with pytest.raises(TimeoutError), tus.impatient(request):
        line.recv(1)
    assert line.gettimeout() is None


def test_a_server_that_lends_no_socket_is_left_alone():
    with tus.impatient(RequestFactory().get("/")):
        pass
