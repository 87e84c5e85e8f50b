"""The program behind the probe, loaded as a module: what it does when the disk fails it."""

import errno
import importlib.util
from collections.abc import Iterator
from types import ModuleType, SimpleNamespace
from typing import Any

import av.error
import pytest

from media_pipeline.ffmpeg.probe import CHILD, CHILD_UNREAD

TASK = {"enough": None, "max_packets": 100}


@pytest.fixture(scope="module")
def child() -> ModuleType:
    spec = importlib.util.spec_from_file_location("probe_child", CHILD)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def breaking_off(number: int) -> Any:
    def demux(streams: list[Any]) -> Iterator[Any]:
        raise av.error.OSError(number, "as the library says it")
        yield

    return SimpleNamespace(
        duration=None, format=SimpleNamespace(name="mov"), demux=demux, seek=lambda *_, **__: None
    )


@pytest.mark.parametrize("number", [errno.EIO, errno.ESTALE])
def test_a_disk_in_trouble_is_not_the_films_fault(child: ModuleType, number: int) -> None:
    with pytest.raises(SystemExit) as ended:
        child.read(breaking_off(number), [], TASK, {})
    assert ended.value.code == CHILD_UNREAD
    with pytest.raises(SystemExit) as ended:
        child.frame_near(breaking_off(number), SimpleNamespace(time_base=1), 1.0)
    assert ended.value.code == CHILD_UNREAD


def test_a_film_that_breaks_off_is_reported(child: ModuleType) -> None:
    result: dict[str, Any] = {}
    child.read(breaking_off(-0x41444E49), [], TASK, result)
    assert "as the library says it" in result["read_error"]
