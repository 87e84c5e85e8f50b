"""One film through the product, through the bare command and through the per-rung recipe: CPU,
bytes, VMAF.

The product's part is a whole job of an installation of its own: claimed from the queue, probed,
hashed, encoded, verified, hashed again and published.
"""

import contextlib
import os
import resource
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from statistics import mean
from typing import Any
from unittest import mock

from benchmarks.media.films import Film
from benchmarks.media.quality import vmaf
from benchmarks.media.recipes import bare, decode, per_rung
from media_pipeline.ffmpeg import transcode as product
from media_pipeline.ffmpeg.ladder import Rung, frame_rate_for, ladder_for
from media_pipeline.ffmpeg.outputs import AUDIO, MAKING, PLAYLIST
from media_pipeline.ffmpeg.probe import probe
from media_pipeline.ffmpeg.recipe import POSTER
from media_pipeline.ffmpeg.resume import surveyed
from media_pipeline.ffmpeg.runner import RunResult, run
from media_pipeline.ffmpeg.storyboard import SHEET_NAME
from media_pipeline.ffmpeg.tracks import read_track
from tests.services import embedded_redis

COMPARED = (1080, 720, 360)
# A machine that others use is some hundredths slower for minutes: of job, bare command and decode,
# which are held close to each other, the mean of as many in turn counts.
TURNS = 2
MADE_SOUND = f"{MAKING}/{AUDIO}/{PLAYLIST}"


@dataclass(frozen=True)
class Costs:
    """Of one film; CPU in seconds, `quality` by lines: VMAF of the product less the recipe's."""

    job: float
    bare: float
    per_rung: float
    small: float
    decode: float
    stored: int
    per_rung_stored: int
    quality: dict[int, float]


@dataclass
class _Job:
    folder: Path
    rungs: tuple[Rung, ...]
    rate: Fraction
    cpu: float
    small: float


@contextlib.contextmanager
def installation(folder: Path) -> Iterator[None]:
    """Where jobs are worked in this process, with an empty database."""
    var = _fresh(folder / "var")
    with embedded_redis(var) as redis:
        here = {"LECTERN_VAR": str(var), "LECTERN_MODE": "test", "REDIS_URL": redis}
        here["DATABASE_URL"] = f"sqlite:///{var / 'benchmark.sqlite3'}"
        here["DJANGO_SETTINGS_MODULE"] = "config.settings"
        with mock.patch.dict(os.environ, here):
            import django

            django.setup()
            from django.core.management import call_command

            call_command("migrate", verbosity=0, interactive=False)
        yield


def costs(film: Film, work: Path, *, look_seconds: float) -> Costs:
    bare_dir, recipe_dir = _fresh(work / "bare"), _fresh(work / "recipe")
    jobs: list[_Job] = []
    bares: list[float] = []
    decodes: list[float] = []
    for _ in range(TURNS):
        job = _job(film.path)
        _say(film, f"job {job.cpu:.1f} s, rungs {[(r.name, r.crf) for r in job.rungs]}")
        bares.append(_cpu(bare(film.path, job.rungs, job.rate), bare_dir))
        _say(film, f"bare {bares[-1]:.1f} s")
        decodes.append(_cpu(decode(film.path), work))
        jobs.append(job)
    recipe_cpu = 0.0
    for lines, command in per_rung(film.path).items():
        cpu = _cpu(command, recipe_dir)
        recipe_cpu += cpu
        _say(film, f"recipe {lines} {cpu:.1f} s")
    stored = sum(path.stat().st_size for path in job.folder.rglob("*") if path.is_file())
    recipe_stored = 2 * sum(path.stat().st_size for path in recipe_dir.glob("*.mp4"))
    quality = {}
    for lines in COMPARED:
        ours = _joined(job.folder, _shown_at(job.rungs, lines), work / "rung.mp4")
        ours_vmaf, theirs_vmaf = (
            vmaf(path, film.path, rate=job.rate, start=look_seconds / 2, seconds=look_seconds)
            for path in (ours, recipe_dir / f"{lines}.mp4")
        )
        quality[lines] = ours_vmaf - theirs_vmaf
        _say(film, f"{lines} lines: VMAF {ours_vmaf:.2f}, recipe {theirs_vmaf:.2f}")
    return Costs(
        job=mean(one.cpu for one in jobs),
        bare=mean(bares),
        per_rung=recipe_cpu,
        small=mean(one.small for one in jobs),
        decode=mean(decodes),
        stored=stored,
        per_rung_stored=recipe_stored,
        quality=quality,
    )


def _fresh(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _say(film: Film, words: str) -> None:
    sys.stderr.write(f"  {film.kind}: {words}\n")
    sys.stderr.flush()


def _job(film: Path) -> _Job:
    """The film's whole job. What single commands used is noted where the product starts them."""
    from django.utils import timezone

    from media_pipeline import store
    from media_pipeline.ingest import ingest_owner, ingest_start
    from media_pipeline.models import VideoAsset
    from media_pipeline.work import job_work

    small, sounds = 0.0, 0

    def noted(argv: list[str], **options: Any) -> RunResult:
        nonlocal small, sounds
        result = run(argv, **options)
        line = " ".join(argv)
        measures = "ebur128" in line
        sounds += MADE_SOUND in line and not measures
        again = MADE_SOUND in line and sounds > 1  # to be as loud as it should
        if measures or again or SHEET_NAME in line or POSTER in line:
            small += result.cpu_seconds
        return result

    ingest = ingest_start(path=film, owner=ingest_owner(), now=timezone.now(), wake=False)
    assets = VideoAsset.objects.filter(pk=ingest.asset_id)
    assets.update(sha256="")  # an upload's is for its job to find
    with mock.patch.object(product, "run", noted):
        worked, cpu = _counted(job_work)
    asset = assets.get()
    assert worked, "no job"
    assert asset.is_ready, asset.state
    assert asset.package is not None
    folder = store.local_path(store.package_folder(asset.package.key))
    assert folder is not None
    facts = probe(film)
    survey = surveyed(folder, facts)
    assert survey is not None
    rungs = ladder_for(width=facts.width, height=facts.height, pace=survey.pace, sharp=survey.sharp)
    rate = frame_rate_for(fps=facts.fps, is_vfr=facts.is_vfr)
    return _Job(folder, rungs, rate, cpu, small)


def _counted(work: Callable[[], Any]) -> tuple[Any, float]:
    """What `work` returns, and the CPU seconds of this process and of those it started."""

    def used() -> float:
        usages = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        return sum(u.ru_utime + u.ru_stime for u in map(resource.getrusage, usages))

    before = used()
    returned = work()
    return returned, used() - before


def _cpu(command: list[str], folder: Path) -> float:
    return run(command, files=None, cwd=folder).cpu_seconds


def _shown_at(rungs: tuple[Rung, ...], lines: int) -> Rung:
    """What a viewer gets who wants so many lines: where there is no such rung, the best below."""
    return next((rung for rung in rungs if min(rung.width, rung.height) <= lines), rungs[-1])


def _joined(out_dir: Path, rung: Rung, path: Path) -> Path:
    track = read_track(out_dir, rung.name)
    folder = out_dir / rung.name
    names = [track.playlist.init_uri, *(segment.uri for segment in track.playlist.segments)]
    path.write_bytes(b"".join((folder / name).read_bytes() for name in names))
    return path
