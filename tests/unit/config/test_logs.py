"""What a line of the log holds, and what it must not."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
from structlog.contextvars import bound_contextvars

from config.logs import formatter

TOKEN = "a.1795651200.cEIdvs6tBJxTkZT7ztlWLg"


@pytest.fixture(params=[True, False], ids=["json", "plain"])
def log(request: pytest.FixtureRequest) -> Iterator[tuple[logging.Logger, io.StringIO, bool]]:
    said = io.StringIO()
    handler = logging.StreamHandler(said)
    handler.setFormatter(formatter(as_json=request.param))
    logger = logging.getLogger("lectern.test")
    logger.addHandler(handler)
    yield logger, said, request.param
    logger.removeHandler(handler)


Log = tuple[logging.Logger, io.StringIO, bool]


def test_a_line_names_the_job_that_it_is_about(log: Log) -> None:
    logger, said, as_json = log
    with bound_contextvars(job=7, asset="x-y", attempt="7.2"):
        logger.error("The disk of %s is full", "市委")
    logger.error("afterwards")
    first, second = said.getvalue().splitlines()
    if as_json:
        fields = json.loads(first)
        assert fields.pop("timestamp").endswith("Z")
        assert fields == {
            "message": "The disk of 市委 is full",
            "level": "error",
            "logger": "lectern.test",
            "job": 7,
            "asset": "x-y",
            "attempt": "7.2",
        }
        assert "job" not in json.loads(second)
    else:
        assert first.endswith(
            "ERROR lectern.test The disk of 市委 is full [job=7 asset=x-y attempt=7.2]"
        )
        assert second.endswith("ERROR lectern.test afterwards")


def test_a_trace_is_part_of_its_line(log: Log) -> None:
    logger, said, as_json = log
    try:
        raise ValueError("what went wrong")
    except ValueError:
        logger.exception("It broke")
    if as_json:
        (line,) = said.getvalue().splitlines()
        assert "what went wrong" in json.loads(line)["exception"]
    else:
        assert "ValueError: what went wrong" in said.getvalue()


@pytest.mark.parametrize(
    "text",
    [
        f"Forbidden: /v/{TOKEN}/pkg/master.m3u8",
        f"Not Found: http://x/v/{TOKEN}/pkg/360p/seg_1.m4s and /v/{TOKEN}/pkg/x",
        f"Gone: /v/{TOKEN}%2Fpkg/master.m3u8",
    ],
)
def test_no_line_holds_the_token_of_a_media_address(text: str, log: Log) -> None:
    logger, said, _ = log
    logger.warning("%s", text)
    try:
        raise ValueError(text)
    except ValueError:
        logger.exception("again")
    assert TOKEN.rpartition(".")[2] not in said.getvalue()
    assert "/v/-" in said.getvalue()
