"""Recordings for the pipeline's tests: tiny clips, an uploader, and a media package that is
quick to make because it is none.
"""

import datetime as dt
import functools
import subprocess
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.loaders import create_loader
from django.core.files.storage import FileSystemStorage, Storage
from django.utils import timezone

from config.storage import s3_options
from media_pipeline import attempt, store
from media_pipeline.assets import asset_create
from media_pipeline.attempt import segments_in
from media_pipeline.ffmpeg.binary import ffmpeg_binary
from media_pipeline.ffmpeg.package import PackageFacts, RenditionFacts
from media_pipeline.models import VideoAsset
from media_pipeline.pulse import Pulse
from tests.factories import UserFactory
from tests.front import Store, s3_store


def make_clip(path: Path, *, seconds: int, size: str) -> Path:
    """A moving test picture with a tone, H.264 and AAC in an MP4."""
    argv = [ffmpeg_binary(), "-v", "error", "-y", "-f", "lavfi", "-i"]
    argv += [f"testsrc2=size={size}:rate=25:duration={seconds}", "-f", "lavfi", "-i"]
    argv += [f"sine=frequency=440:duration={seconds}", "-c:v", "libx264", "-preset", "ultrafast"]
    argv += ["-pix_fmt", "yuv420p", "-c:a", "aac", "-shortest", "-movflags", "+faststart"]
    subprocess.run([*argv, str(path)], check=True, timeout=120)
    return path


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three seconds of 320x180: ready in a second or two."""
    return make_clip(tmp_path_factory.mktemp("clip") / "clip.mp4", seconds=3, size="320x180")


@pytest.fixture(scope="session")
def slow_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Long enough to be killed in the middle of its transcode."""
    return make_clip(tmp_path_factory.mktemp("clip") / "slow.mp4", seconds=30, size="640x360")


@pytest.fixture(autouse=True)
def wakeups(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Job ids of the wake-ups that would have been sent; no broker is asked."""
    sent: list[int] = []
    settings.WORK_ROOT = tmp_path / "work"
    monkeypatch.setattr("media_pipeline.jobs.job_wake", sent.append)
    monkeypatch.setattr("media_pipeline.wakeups.job_wake", sent.append)
    return sent


@pytest.fixture
def add_recording(tmp_path: Path) -> Callable[..., VideoAsset]:
    """Queue a recording of the given file, or of bytes that no real probe would take."""

    def add(
        source: Path | None = None,
        *,
        now: dt.datetime | None = None,
        preview: bool = False,
        **owner: Any,
    ) -> Any:
        copy = tmp_path / f"{uuid.uuid4().hex}.part"
        copy.write_bytes(source.read_bytes() if source else b"not really a film")
        return asset_create(
            owner=UserFactory(**owner),
            source=copy,
            original_name="党课.mp4",
            sha256="0" * 64,
            now=now or timezone.now(),
            preview=preview,
        )

    return add


class FakeFilm:
    """Stands for probe, transcode and preview. `during` runs in the middle of either; so many
    `segments` are complete by then, those of an earlier attempt among them.
    """

    width, height, duration = 640, 360, 12.5
    audio = "aac"  # whatever is not None

    def __init__(self) -> None:
        self.during: Callable[[Callable[[], bool]], None] = lambda should_stop: None
        self.probe_raises: Exception | None = None
        self.whole = True  # whether a look at the beginning is a look at all of it
        self.reads: Callable[[Callable[[], bool]], None] = lambda should_stop: None  # all of it
        self.looks: list[bool] = []  # for each probe, whether it asked for the beginning only
        self.seen: list[Path] = []
        self.most_seconds: list[float | None] = []  # of each preview
        self.segments = 1
        self.found: list[int] = []  # segments that were there at the beginning of each attempt

    def probe(
        self, path: Path, *, should_stop: Callable[[], bool], beginning: bool = False, **_: Any
    ) -> "FakeFilm":
        self.seen.append(path)
        self.looks.append(beginning)
        if not beginning:
            self.reads(should_stop)
        if self.probe_raises is not None and (self.whole or not beginning):
            raise self.probe_raises
        return self if self.whole or not beginning else self.of_beginning()

    def of_beginning(self) -> "FakeFilm":
        facts = FakeFilm()
        facts.whole = False
        return facts

    def transcode(
        self,
        *,
        out_dir: Path,
        on_step: Callable[[str, float], None],
        on_first_play: Callable[[str], None],
        should_stop: Callable[[], bool],
        **_: Any,
    ) -> PackageFacts:
        self.found.append(segments_in(out_dir))
        on_step("encode", 0.02)
        (out_dir / "360p").mkdir(exist_ok=True)
        for number in range(self.segments):
            (out_dir / f"360p/seg_{number:05d}.m4s").write_bytes(b"segment")
        (out_dir / "plan.json").write_text("{}")
        on_first_play("master.m3u8")
        self.during(should_stop)
        for name in ("master.m3u8", "360p/index.m3u8", "poster.jpg"):
            (out_dir / name).write_bytes(name.encode())
        on_step("verify", 1.0)
        return PackageFacts(
            duration=12.5,
            has_audio=True,
            renditions=(
                RenditionFacts("360p", 640, 360, 400_000, 300_000, "avc1.4d401e,mp4a.40.2", 900),
            ),
            bytes_total=1000,
        )

    def preview(
        self,
        *,
        out_dir: Path,
        on_step: Callable[[str, float], None],
        on_first_play: Callable[[str], None],
        should_stop: Callable[[], bool],
        most_seconds: float | None,
        **_: Any,
    ) -> None:
        self.most_seconds.append(most_seconds)
        on_step("preview", 0.1)
        (out_dir / "preview").mkdir()
        (out_dir / "preview/index.m3u8").write_bytes(b"first look")
        on_first_play("preview/index.m3u8")
        self.during(should_stop)


class InlinePulse(Pulse):
    """Renews when touched instead of in a thread, which a test's transaction would lock out."""

    def touch(self, step: str, progress: float | None = None) -> None:
        super().touch(step, progress)
        self._renew()

    def __enter__(self) -> "InlinePulse":
        return self

    def end(self) -> None:
        pass


@pytest.fixture
def film(monkeypatch: pytest.MonkeyPatch) -> FakeFilm:
    fake = FakeFilm()
    monkeypatch.setattr(attempt, "Pulse", InlinePulse)
    for name in ("probe", "transcode", "preview"):
        monkeypatch.setattr(attempt, name, getattr(fake, name))
    return fake


@pytest.fixture
def files_left(settings: Any) -> Callable[[], list[str]]:
    """Every file and folder below the media and scratch folders, the three top ones aside."""

    def left() -> list[str]:
        media, scratch = Path(settings.MEDIA_ROOT), Path(settings.WORK_ROOT)
        found = [
            str(path.relative_to(root)) for root in (media, scratch) for path in root.rglob("*")
        ]
        return sorted(set(found) - {"originals", "packages"})

    return left


class RemoteStorage(Storage):
    """A store whose files have no paths on this host, as an S3-compatible one."""

    def __init__(self, location: str) -> None:
        disk = FileSystemStorage(location=location)
        for name in ("_open", "_save", "delete", "exists", "listdir", "size"):
            setattr(self, name, getattr(disk, name))
        self.get_modified_time = disk.get_modified_time


@pytest.fixture
def remote_store(settings: Any, tmp_path: Path) -> Storage:
    settings.STORAGES = {
        **settings.STORAGES,
        "recordings": {
            "BACKEND": f"{__name__}.RemoteStorage",
            "OPTIONS": {"location": str(tmp_path / "remote")},
        },
    }
    return store.recordings()


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A real S3-compatible store, shared: each test or room uses a bucket of its own."""
    with pytest.MonkeyPatch.context() as patch, s3_store(tmp_path_factory.mktemp("store")) as store:
        # Every connection reads the description of the service anew, for a second of CPU.
        patch.setattr("botocore.session.create_loader", functools.cache(create_loader))
        yield store


@pytest.fixture
def s3_recordings(s3: Store, settings: Any) -> Storage:
    """Recordings in an empty bucket of the real store, as STORAGE_URL sets it up."""
    bucket = s3.with_bucket(f"b-{uuid.uuid4().hex}")
    settings.STORAGES = {
        **settings.STORAGES,
        "recordings": {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": s3_options(bucket.storage_url),
        },
    }
    return store.recordings()
