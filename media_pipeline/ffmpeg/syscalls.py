"""Which system calls a media process may not make: no socket, no second process. Pure.

Builds the program of a seccomp filter (seccomp(2)): `launch` sets it, or bubblewrap does, right
before the media program begins. It holds for root too, where RLIMIT_NPROC does not, and where
bubblewrap cannot run. Everything not named here is allowed: what files there are is for
bubblewrap, how much of everything for the kernel's limits.
"""

import errno
import platform
import struct

# Calls refused on every machine, with their numbers on x86-64 and on the machines that share
# the generic table (AArch64, RISC-V, LoongArch); None where there is no such call.
_REFUSED: dict[str, tuple[int | None, int | None]] = {
    "socket": (41, 198),
    "fork": (57, None),
    "vfork": (58, None),
    # Around the filter (io_uring), into other processes, at rarely used doors of the kernel.
    "io_uring_setup": (425, 425),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438),
    "userfaultfd": (323, 282),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_by_handle_at": (304, 265),
}
_CLONE, _CLONE3 = (56, 220), (435, 435)
_CLONE_THREAD = 0x0001_0000
_X32_BIT = 0x4000_0000
# Name of the machine to its AUDIT_ARCH number and its column above.
_MACHINES = {
    "x86_64": (0xC000_003E, 0),
    "aarch64": (0xC000_00B7, 1),
    "riscv64": (0xC000_00F3, 1),
    "loongarch64": (0xC000_0102, 1),
}

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCH, _FIRST_ARGUMENT = 0, 4, 16  # offsets in struct seccomp_data, little endian
_ALLOW = 0x7FFF_0000
_KILL = 0x8000_0000


def filter_program(machine: str = "") -> bytes:
    """The filter as an array of struct sock_filter; empty for a machine that is not known."""
    known = _MACHINES.get(machine or platform.machine())
    if known is None:
        return b""
    arch, column = known
    steps = [
        _step(_LOAD, _ARCH),
        _step(_EQUAL, arch, 1, 0),
        _step(_RETURN, _KILL),  # the calls of another machine have other numbers
        _step(_LOAD, _NUMBER),
    ]
    if column == 0:
        steps += [_step(_AT_LEAST, _X32_BIT, 0, 1), _step(_RETURN, _refuse(errno.EPERM))]
    for numbers in _REFUSED.values():
        if (number := numbers[column]) is not None:
            steps += [_step(_EQUAL, number, 0, 1), _step(_RETURN, _refuse(errno.EPERM))]
    steps += [
        # Its flags lie in memory, out of a filter's sight; C libraries then take clone.
        _step(_EQUAL, _CLONE3[column], 0, 1),
        _step(_RETURN, _refuse(errno.ENOSYS)),
        _step(_EQUAL, _CLONE[column], 0, 3),
        _step(_LOAD, _FIRST_ARGUMENT),
        _step(_ANY_BIT, _CLONE_THREAD, 1, 0),
        _step(_RETURN, _refuse(errno.EPERM)),
        _step(_RETURN, _ALLOW),
    ]
    return b"".join(steps)


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("<HBBI", code, if_true, if_false, value)


def _refuse(number: int) -> int:
    return 0x0005_0000 | number
