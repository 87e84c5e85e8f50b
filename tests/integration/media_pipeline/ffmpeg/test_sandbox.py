"""What a media process can reach and take: tried from inside, behind walls and without."""

import os
import socket
import sys
from pathlib import Path

import pytest

from media_pipeline.ffmpeg import bubblewrap, sandbox
from media_pipeline.ffmpeg.bubblewrap import Files
from media_pipeline.ffmpeg.runner import FailureReason, MediaProcessFailed, RunResult, run
from media_pipeline.ffmpeg.sandbox import ProcessLimits, SandboxMissing

MEGABYTE = 1_000_000
NOTHING = Files()


@pytest.fixture
def walls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDIA_SANDBOX", "bubblewrap")


@pytest.fixture(params=["bubblewrap", "limits"])
def anyhow(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDIA_SANDBOX", request.param)


@pytest.fixture
def no_bubblewrap(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(bubblewrap, "SEARCHED", str(tmp_path))


def inside(code: str, *, files: Files = NOTHING, **options: object) -> RunResult:
    return run([sys.executable, "-I", "-c", code], files=files, **options)  # type: ignore[arg-type]


def failure(code: str, **options: object) -> MediaProcessFailed:
    with pytest.raises(MediaProcessFailed) as failed:
        inside(code, **options)  # type: ignore[arg-type]
    return failed.value


@pytest.mark.usefixtures("anyhow")
def test_no_socket_can_be_made() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        for what in (f"create_connection(('127.0.0.1', {port}))", "socket(AF_UNIX)"):
            said = failure(f"from socket import *; {what}").stderr_tail
            assert "Operation not permitted" in said


@pytest.mark.usefixtures("anyhow")
def test_no_second_process_can_be_made_but_threads_can() -> None:
    for what in ("os.fork()", "os.posix_spawn('/usr/bin/true', ['true'], {})"):
        assert "not permitted" in failure(f"import os; {what}").stderr_tail
    threads = "import threading as t; x = t.Thread(target=print, args=('ran',)); x.start()"
    assert inside(threads).stdout == b"ran\n"


@pytest.mark.usefixtures("anyhow")
def test_no_secret_is_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "canary")
    assert b"canary" not in inside("import os; print(dict(os.environ))").stdout


@pytest.mark.usefixtures("anyhow")
def test_a_programs_arguments_are_its_own() -> None:
    words = ["RLIMIT_NOFILE=1", "walls=0", "--", "nice=x"]
    assert run(["/bin/echo", *words]).stdout.decode().split() == words


@pytest.mark.usefixtures("anyhow")
@pytest.mark.skipif(sys.platform != "linux", reason="No other system pins a process to a CPU")
def test_a_program_keeps_to_one_cpu_if_told_so() -> None:
    cpus = "import os; print(len(os.sched_getaffinity(0)))"
    assert int(inside(cpus).stdout) == len(os.sched_getaffinity(0))
    assert int(inside(cpus, limits=ProcessLimits(one_cpu=True)).stdout) == 1


@pytest.mark.usefixtures("walls")
def test_only_the_named_files_are_there(tmp_path: Path) -> None:
    for name in ("film", "secret"):
        (tmp_path / name).write_text(name)
    seen = inside(
        f"import os; print(open('{tmp_path}/film').read(), os.listdir('{tmp_path}'))",
        files=Files(reads=(tmp_path / "film",)),
    )
    assert seen.stdout == b"film ['film']\n"
    roots = inside("import os; print(sorted(os.listdir('/')))").stdout.decode()
    assert "proc" not in roots
    assert "var" not in roots


@pytest.mark.usefixtures("walls")
def test_only_one_folder_can_be_written_into(tmp_path: Path) -> None:
    source, out = tmp_path / "film", tmp_path / "out"
    source.write_text("film")
    out.mkdir()
    files = Files(reads=(source,), writes=out)
    inside("open('made', 'w').write('x')", files=files, cwd=out)
    assert (out / "made").read_text() == "x"
    for path in (source, tmp_path / "beside", Path("/x"), Path("/usr/x"), Path("/dev/x")):
        said = failure(f"open('{path}', 'w')", files=files, cwd=out).stderr_tail
        assert "Read-only file system" in said
    assert sorted(path.name for path in tmp_path.iterdir()) == ["film", "out"]


@pytest.mark.usefixtures("walls")
def test_other_processes_are_not_seen() -> None:
    assert inside("import os; print(os.getpid(), os.getppid())").stdout == b"1 0\n"


@pytest.mark.usefixtures("anyhow")
def test_memory_is_held_by_the_kernel() -> None:
    code = "x = bytearray(300_000_000)"
    said = failure(code, limits=ProcessLimits(data=200 * MEGABYTE)).stderr_tail
    assert "MemoryError" in said
    assert inside(code, limits=ProcessLimits(data=400 * MEGABYTE)).stderr_tail == ""


@pytest.mark.usefixtures("anyhow")
def test_memory_of_the_whole_tree_is_watched() -> None:
    code = "import time; x = bytearray(b'x') * 90_000_000; time.sleep(60)"
    assert failure(code, rss_bytes=60 * MEGABYTE).reason is FailureReason.MEMORY_LIMIT


@pytest.mark.usefixtures("anyhow")
def test_a_flood_of_output_is_ended(tmp_path: Path) -> None:
    code = "f = open('flood', 'wb')\nwhile True: f.seek(0); f.write(b'x' * 1_000_000)"
    files = Files(writes=tmp_path)
    flood = failure(code, files=files, cwd=tmp_path, written_bytes=20 * MEGABYTE)
    assert flood.reason is FailureReason.OUTPUT_LIMIT


@pytest.mark.usefixtures("anyhow")
def test_no_file_outgrows_its_limit(tmp_path: Path) -> None:
    code = "open('big', 'wb').write(b'x' * 3_000_000)"
    limits = ProcessLimits(file_bytes=MEGABYTE)
    failure(code, files=Files(writes=tmp_path), cwd=tmp_path, limits=limits)
    assert (tmp_path / "big").stat().st_size <= MEGABYTE


def test_a_swarm_of_processes_is_ended() -> None:
    swarm = "for n in 1 2 3 4 5 6; do sleep 60 & done; wait"
    with pytest.raises(MediaProcessFailed) as failed:
        run(["/bin/sh", "-c", swarm], files=None)
    assert failed.value.reason is FailureReason.PROCESS_LIMIT


@pytest.mark.usefixtures("anyhow")
def test_what_a_process_used_is_counted() -> None:
    result = inside("x = bytearray(b'x') * 90_000_000; sum(range(5_000_000))")
    assert result.cpu_seconds > 0.1
    assert result.peak_rss > 90 * MEGABYTE


@pytest.mark.usefixtures("no_bubblewrap")
def test_without_bubblewrap_the_limits_hold_unless_walls_are_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MEDIA_SANDBOX", "auto")
    assert inside("print(1)").stdout == b"1\n"
    monkeypatch.setenv("MEDIA_SANDBOX", "bubblewrap")
    refused = failure("print(1)")
    assert refused.reason is FailureReason.NOT_STARTED
    assert "not installed" in refused.stderr_tail
    with pytest.raises(SandboxMissing):
        sandbox.has_walls()


def test_a_bubblewrap_that_may_not_work_is_found_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As where user namespaces are forbidden."""
    program = tmp_path / "bwrap"
    program.write_text(
        "#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n"
    )
    program.chmod(0o755)
    monkeypatch.setattr(bubblewrap, "SEARCHED", str(tmp_path))
    assert sandbox.walls_trouble() == "bwrap: No permissions to create new namespace"
