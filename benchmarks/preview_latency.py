"""How soon an uploader can play what was sent, while a long recording is being encoded.

A whole site of real processes (`config.supervisor`) encodes a long film in its main lane. Films of
each kind are sent by tus; measured is the time from the request that carries the last byte until
the address that the uploader's page is told answers with a playlist, an init segment and a segment
that ffmpeg decodes. Films are as long as PREVIEW_MINUTES says, short clips repeated by copying.
The last figure is of the second of two uploaders: hers comes right after a
film of two hours. PREVIEW_ROUNDS is how often each kind is sent, PREVIEW_KINDS names some of them,
and PREVIEW_CLIPS a folder in which clips are kept for the next time.
"""

import contextlib
import json
import math
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from benchmarks.figures import Figure
from lms.demo.tus_client import Session, TusClient, sign_in
from media_pipeline.ffmpeg.binary import ffmpeg_binary
from media_pipeline.ffmpeg.runner import run
from tests.e2e.conftest import answers
from tests.services import free_port, wait_for

ROOT = Path(__file__).resolve().parent.parent
CLIP_SECONDS = 8
MINUTES = float(os.environ.get("PREVIEW_MINUTES", "10"))
ROUNDS = int(os.environ.get("PREVIEW_ROUNDS", "5"))
LONG_MINUTES = 60
LOOK_SECONDS = 0.05
PATIENCE = 90.0
PREVIEW_MEMORY_MB = 400
PREVIEW = "preview/index.m3u8"  # as ffmpeg is told

AAC = "-c:a aac -b:a 96k"
X264 = "-c:v libx264 -preset ultrafast -g 60 -pix_fmt yuv420p"
X265 = "-c:v libx265 -preset ultrafast -g 60 -tag:v hvc1 -x265-params log-level=error"
HLG = "-color_primaries bt2020 -color_trc arib-std-b67 -colorspace bt2020nc"


@dataclass(frozen=True)
class Kind:
    """A kind of film: how its clip is made, how the copies are put together, its promise."""

    name: str
    promise: str
    size: str
    codecs: str
    suffix: str = "mp4"
    copying: str = ""
    layout: str = ""
    rate: int = 30
    minutes: float = MINUTES
    rounds: int = ROUNDS


COPIED, SMALL, LARGE = "H.264 with AAC", "any other film up to 1080p30", "larger films"
SECOND = "H.264 with AAC, right after a film of two hours"
LIMITS = {COPIED: 5.0, SMALL: 10.0, LARGE: 30.0, SECOND: 5.0}
KINDS = (
    Kind("phone", COPIED, "1920x1080", f"{X264} -b:v 6M {AAC}"),
    Kind("long phone", COPIED, "1920x1080", f"{X264} -b:v 3M {AAC}", minutes=120, rounds=3),
    Kind("upright phone", COPIED, "1920x1080", f"{X264} -b:v 6M {AAC}", copying="90"),
    Kind("HEVC", SMALL, "1920x1080", f"{X265} -pix_fmt yuv420p -b:v 6M {AAC}"),
    Kind("HEVC HLG", SMALL, "1920x1080", f"{X265} -pix_fmt yuv420p10le {HLG} -b:v 6M {AAC}"),
    Kind(
        "VP9",
        SMALL,
        "1920x1080",
        "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -b:v 4M -g 120 -c:a libopus",
        suffix="webm",
    ),
    # As a browser's recorder leaves it: without length and index.
    Kind(
        "WebM without length",
        SMALL,
        "1280x720",
        "-c:v libvpx -deadline realtime -cpu-used 8 -b:v 1M -g 120 -c:a libopus",
        suffix="webm",
        layout="-live 1",
        minutes=120,
        rounds=3,
    ),
    Kind("AV1", SMALL, "1920x1080", f"-c:v libsvtav1 -preset 12 -b:v 4M -g 120 {AAC}"),
    Kind(
        "interlaced",
        SMALL,
        "1920x1080",
        "-vf interlace=lowpass=off -c:v libx264 -preset ultrafast -flags +ilme+ildct -b:v 8M -g 25"
        " -pix_fmt yuv420p -c:a mp2",
        suffix="ts",
        rate=50,
    ),
    Kind(
        "ProRes",
        SMALL,
        "1920x1080",
        "-c:v prores_ks -profile:v 0 -pix_fmt yuv422p10le -c:a pcm_s16le",
        suffix="mov",
        minutes=2,
    ),
    Kind(
        "upright HEVC", SMALL, "1920x1080", f"{X265} -pix_fmt yuv420p -b:v 6M {AAC}", copying="90"
    ),
    Kind("4K HEVC", LARGE, "3840x2160", f"{X265} -pix_fmt yuv420p -b:v 40M {AAC}", minutes=5),
    Kind(
        "4K60 HEVC HLG",
        LARGE,
        "3840x2160",
        f"{X265} -pix_fmt yuv420p10le {HLG} -b:v 50M {AAC}",
        rate=60,
        minutes=2,
    ),
)


def measure() -> list[Figure]:
    wanted = os.environ.get("PREVIEW_KINDS", "").split(",")
    kinds = [kind for kind in KINDS if wanted == [""] or kind.name in wanted]
    assert wanted == [""] or len(kinds) == len(wanted), [kind.name for kind in KINDS]
    seconds: dict[str, list[float]] = {}
    memory = 0.0
    with tempfile.TemporaryDirectory(prefix="lectern-bench-") as name:
        folder = Path(name)
        with site(folder / "var") as (url, password):
            uploader = Uploader(url, sign_in(url, "secretary", password))
            long = uploader.begin_long(folder)
            for kind in kinds:
                film = make_film(folder, kind)
                for _ in range(kind.rounds):
                    with Memory() as used:
                        took = uploader.send(film)
                    seconds.setdefault(kind.promise, []).append(took)
                    memory = max(memory, used.peak)
                    assert uploader.status(long)["state"] == "processing", "the long job is over"
                    sys.stderr.write(
                        f"  {kind.name}: {took:.2f} s, {film.stat().st_size / 1e6:.0f} MB, "
                        f"ffmpeg {used.peak:.0f} MB\n"
                    )
                film.unlink()
            seconds[SECOND] = second_of_two(uploader, folder)
    figures = [
        Figure(f"{promise}: plays after (p95 of {len(found)})", p95(found), LIMITS[promise], "s")
        for promise, found in seconds.items()
    ]
    return [*figures, Figure("memory of a preview's ffmpeg", memory, PREVIEW_MEMORY_MB, "MB")]


def second_of_two(uploader: "Uploader", folder: Path) -> list[float]:
    ahead, phone = make_film(folder, KINDS[1]), make_film(folder, KINDS[0])
    took = []
    for _ in range(ROUNDS):
        other, _ = uploader.upload(ahead)
        took.append(uploader.send(phone))
        uploader.discard(other)
        sys.stderr.write(f"  second of two: {took[-1]:.2f} s\n")
    return took


def p95(found: list[float]) -> float:
    return sorted(found)[math.ceil(0.95 * len(found)) - 1]


def make_film(folder: Path, kind: Kind) -> Path:
    kept = Path(os.environ.get("PREVIEW_CLIPS") or folder)
    kept.mkdir(exist_ok=True)
    name = f"{kind.name}.{kind.suffix}".replace(" ", "-")
    clip, film = kept / f"clip-{name}", folder / name
    if not clip.exists():
        picture = f"testsrc2=s={kind.size}:r={kind.rate}:d={CLIP_SECONDS},noise=alls=8:allf=t"
        inputs = f"-f lavfi -i {picture} -f lavfi -i sine=f=300:d={CLIP_SECONDS}"
        ffmpeg(f"{inputs} {kind.codecs}", clip)
    turned = ["-display_rotation:v:0", kind.copying] if kind.copying else []
    times = math.ceil(kind.minutes * 60 / CLIP_SECONDS) - 1
    ffmpeg(" ".join([*turned, f"-stream_loop {times} -i {clip} -c copy {kind.layout}"]), film)
    return film


def ffmpeg(words: str, out: Path) -> None:
    run([ffmpeg_binary(), "-nostdin", "-v", "error", "-y", *words.split(), str(out)], files=None)


class Memory:
    """The most that any ffmpeg that makes a preview has had resident meanwhile, in MB."""

    def __init__(self) -> None:
        self.peak = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "Memory":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.2):
            for process in psutil.process_iter(["name", "cmdline"]):
                words = process.info["cmdline"] or []
                # Not the walls around it, which have the same words.
                if (process.info["name"] or "").startswith("ffmpeg") and PREVIEW in words:
                    with contextlib.suppress(psutil.Error):
                        self.peak = max(self.peak, process.memory_info().rss / 1e6)


@dataclass
class Uploader:
    """What the uploader's page does, and a clock."""

    site: str
    session: Session

    def begin_long(self, folder: Path) -> str:
        """Send a long film; return when its encoding has begun and its own preview is over."""
        kind = Kind("long", COPIED, "1920x1080", f"{X264} -b:v 2M {AAC}", minutes=LONG_MINUTES)
        film = make_film(folder, kind)
        asset, _ = self.upload(film)
        film.unlink()
        wait_for(
            lambda: (self.status(asset)["steps"]["transcode"]["percent"] or 0) >= 5,
            seconds=600,
            what="The long job",
        )
        return asset

    def upload(self, film: Path) -> tuple[str, float]:
        """The recording's id, and the instant at which the last request was sent."""
        client = Clocked(self.site, self.session)
        asset = client.upload(film)
        return asset, client.last_sent

    def send(self, film: Path) -> float:
        asset, began = self.upload(film)
        deadline = time.monotonic() + PATIENCE
        while (playable := self.playable(asset)) is None:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{film.name} does not play: {self.status(asset)}")
            time.sleep(LOOK_SECONDS)
        took = time.monotonic() - began
        check(playable)
        time.sleep(3)  # its ffmpeg goes on, and what that needs is being looked at
        self.discard(asset)
        return took

    def status(self, asset: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.get(f"/upload/assets/{asset}/"))
        return found

    def playable(self, asset: str) -> bytes | None:
        """The beginning of what plays, if anything does."""
        told = self.status(asset)
        address = told["playlist"] or told["film"]
        if not address or told["state"] not in ("processing", "ready"):
            return None
        with contextlib.suppress(urllib.error.HTTPError):
            return self.beginning(address)
        return None

    def beginning(self, address: str) -> bytes | None:
        playlist = self.get(address).decode()
        lines = [line for line in playlist.splitlines() if line and not line.startswith("#")]
        if not lines:
            return None
        if "#EXT-X-STREAM-INF" in playlist:
            return self.beginning(urllib.parse.urljoin(address, lines[0]))
        init = re.search(r'#EXT-X-MAP:URI="([^"]+)"', playlist)
        assert init, playlist
        parts = [self.get(urllib.parse.urljoin(address, name)) for name in (init[1], lines[0])]
        return b"".join(parts)

    def discard(self, asset: str) -> None:
        self.get(f"/upload/assets/{asset}/discard/", {"csrfmiddlewaretoken": self.session.csrf})

    def get(self, path: str, fields: dict[str, str] | None = None) -> bytes:
        request = urllib.request.Request(
            urllib.parse.urljoin(self.site, path),
            data=urllib.parse.urlencode(fields).encode() if fields else None,
            headers={"Referer": self.site},
        )
        with self.session.opener.open(request, timeout=60) as answer:
            content: bytes = answer.read()
        return content


class Clocked(TusClient):
    last_sent = 0.0

    def send(self, url: str, offset: int, chunk: bytes) -> Any:
        object.__setattr__(self, "last_sent", time.monotonic())
        return super().send(url, offset, chunk)


def check(beginning: bytes) -> None:
    """What was fetched can be decoded, a second of it at least."""
    with tempfile.NamedTemporaryFile(suffix=".mp4") as file:
        file.write(beginning)
        file.flush()
        argv = [ffmpeg_binary(), "-nostdin", "-v", "error", "-i", file.name, "-map", "0:v"]
        done = run([*argv, "-f", "framemd5", "-"], files=None)
    pictures = sum(line[:1].isdigit() for line in done.stdout.splitlines())
    assert pictures >= 20, f"{pictures} pictures"


@contextlib.contextmanager
def site(var: Path) -> Iterator[tuple[str, str]]:
    """The site of `make run`; yields its address and the password of the demo accounts."""
    var.mkdir()
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if name != "REDIS_URL"}
    environment |= {"LECTERN_VAR": str(var), "LECTERN_MODE": "demo", "LECTERN_DEMO": "0"}
    process = subprocess.Popen(
        [sys.executable, "-m", "config.supervisor"],
        cwd=ROOT,
        env={**environment, "PORT": str(port)},
        stdout=subprocess.DEVNULL,
    )
    try:
        url = f"http://127.0.0.1:{port}"
        wait_for(lambda: answers(f"{url}/healthz"), seconds=600, what="The site's start")
        accounts = json.loads((var / "demo-accounts.json").read_text())
        yield url, accounts[0]["password"]
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)
