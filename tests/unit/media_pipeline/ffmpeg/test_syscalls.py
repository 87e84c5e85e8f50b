"""The filter of system calls, run step by step as the kernel would."""

import errno
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_pipeline.ffmpeg.syscalls import filter_program

ALLOWED = 0x7FFF_0000
KILLED = 0x8000_0000
ARCHES = {"x86_64": 0xC000_003E, "aarch64": 0xC000_00B7, "loongarch64": 0xC000_0102}
SOCKET = {"x86_64": 41, "aarch64": 198, "loongarch64": 198}
CLONE = {"x86_64": 56, "aarch64": 220, "loongarch64": 220}


def verdict(machine: str, number: int, *, arch: int | None = None, first: int = 0) -> int:
    """What the filter answers to a call with that number and first argument."""
    data = struct.pack("<IIQQ", number, ARCHES[machine] if arch is None else arch, 0, first)
    program = filter_program(machine)
    steps = [struct.unpack_from("<HBBI", program, at) for at in range(0, len(program), 8)]
    at = held = 0
    while True:
        code, if_true, if_false, value = steps[at]
        at += 1
        if code == 0x06:
            return value
        if code == 0x20:
            held = struct.unpack_from("<I", data, value)[0]
        else:
            true = {0x15: held == value, 0x35: held >= value, 0x45: bool(held & value)}[code]
            at += if_true if true else if_false


def refused(number: int) -> int:
    return 0x0005_0000 | number


@pytest.mark.parametrize("machine", ARCHES)
def test_no_socket_is_made(machine: str) -> None:
    assert verdict(machine, SOCKET[machine]) == refused(errno.EPERM)


@pytest.mark.parametrize("machine", ARCHES)
def test_a_thread_is_made_and_a_process_is_not(machine: str) -> None:
    assert verdict(machine, CLONE[machine], first=0x0001_0F00) == ALLOWED
    assert verdict(machine, CLONE[machine], first=17) == refused(errno.EPERM)
    assert verdict(machine, 435) == refused(errno.ENOSYS)


@pytest.mark.parametrize("number", [57, 58, 101, 310, 272, 425])
def test_forks_tracing_and_ways_around_are_refused(number: int) -> None:
    assert verdict("x86_64", number) == refused(errno.EPERM)


def test_calls_of_another_machine_end_the_process() -> None:
    assert verdict("x86_64", 0, arch=0x4000_0003) == KILLED


def test_the_second_set_of_numbers_on_x86_is_refused() -> None:
    assert verdict("x86_64", 0x4000_0000 | 41) == refused(errno.EPERM)


@given(number=st.sampled_from([0, 1, 3, 9, 10, 11, 12, 202, 59, 231, 257, 281, 334, 449]))
def test_what_programs_live_by_is_allowed(number: int) -> None:
    assert verdict("x86_64", number) == ALLOWED


def test_a_machine_that_is_not_known_has_no_filter() -> None:
    assert filter_program("vax") == b""
