"""From a probed film to a finished package: the one entry for callers.

Composes recipe, runner and package; decides nothing about jobs, leases or storage. Writes only
below `out_dir`, and leaves what it wrote there when it fails: the directory belongs to the caller.
"""

import contextlib
import logging
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from media_pipeline.ffmpeg.bubblewrap import Files
from media_pipeline.ffmpeg.facts import SourceFacts
from media_pipeline.ffmpeg.fragments import add_index
from media_pipeline.ffmpeg.grid import picture_at
from media_pipeline.ffmpeg.growth import Growth, InitDiffers
from media_pipeline.ffmpeg.ladder import frame_rate_for, ladder_for
from media_pipeline.ffmpeg.light import (
    BEGINNING,
    LOW,
    LOW_PLAYLIST,
    OPENING,
    SOUND,
    beginning_command,
    light_sound_command,
    low_command,
    opened_playlist,
    opening_command,
)
from media_pipeline.ffmpeg.outputs import AUDIO, MAKING
from media_pipeline.ffmpeg.package import MASTER, PackageFacts, verify_package, write_master
from media_pipeline.ffmpeg.pictures import make_pictures, seen_in
from media_pipeline.ffmpeg.progress import Progress
from media_pipeline.ffmpeg.recipe import (
    ERROR_RATE_EXCEEDED,
    PROGRESSIVE,
    ladder_command,
    progressive_command,
    progressive_rung,
)
from media_pipeline.ffmpeg.refusals import MediaRefused, Refusal
from media_pipeline.ffmpeg.resume import forget, prepare, surveyed
from media_pipeline.ffmpeg.runner import FailureReason, MediaProcessFailed, RunResult, run
from media_pipeline.ffmpeg.sandbox import ProcessLimits
from media_pipeline.ffmpeg.sound import loudness_in, make_sound
from media_pipeline.ffmpeg.storyboard import STORYBOARD
from media_pipeline.ffmpeg.survey import Survey, read_survey, survey_command
from media_pipeline.ffmpeg.tracks import is_finished, read_track, replace_text

logger = logging.getLogger(__name__)

# The largest measured was 860 MB (4K HDR); above this something is wrong with the file.
RSS_BYTES = 1_000_000_000
# Taken but not all touched: up to 250 MB above what is resident. Kept by the kernel, while the
# resident memory is looked at ten times a second.
DATA_BYTES = 1_300_000_000
OUTPUT_RATE = 2_000_000  # bytes a second of film, far above all rungs together
SPARE_BYTES = 64 * 1024**2
STALL_SECONDS = 60
# The survey reports no progress. It takes some seconds; a film that makes it slower goes without.
SURVEY_SECONDS = 120
# What ffmpeg's exit status, the last byte of its error, says of a film: too much of it cannot be
# decoded, AVERROR_INVALIDDATA, AVERROR_PATCHWELCOME, AVERROR_DECODER_NOT_FOUND.
_BLAMED = {
    ERROR_RATE_EXCEEDED: Refusal.DAMAGED,
    256 - ord("I"): Refusal.DAMAGED,
    256 - ord("P"): Refusal.UNSUPPORTED,
    256 - 0xF8: Refusal.UNSUPPORTED,
}
# A copied MP4 is moved once more to put its index in front, and that reports nothing.
COPY_STALL_SECONDS = 600
NICE = 10  # pages are answered first
# Seconds that one process may take for each second of film, by the clock and of CPU, and for any
# film at all. On two cores with a load of 12 one of 1080p took 6, the slowest (4K at 60 in HDR,
# 1080p at 240) 15 and 20. Whoever is ended so has made segments, from which the next attempt goes
# on with its attempts counted anew: an honest film takes longer, and nobody takes days in one go.
ANY_FILM, WALL, CPU = 900, 6, 20


class Step(StrEnum):
    SOUND = "sound"
    ENCODE = "encode"
    PACKAGE = "package"
    VERIFY = "verify"


# Share of the whole job that is done when the step begins.
_BEGINS = {Step.SOUND: 0.0, Step.ENCODE: 0.04, Step.PACKAGE: 0.95, Step.VERIFY: 0.98}


def transcode(
    *,
    source: Path,
    facts: SourceFacts,
    out_dir: Path,
    on_step: Callable[[str, float], None],
    on_first_play: Callable[[str], None],
    should_stop: Callable[[], bool],
    binary: str,
) -> PackageFacts:
    """Make the package of `source` in `out_dir` and return its facts once it is verified.

    Goes on from whatever `out_dir` holds of an earlier attempt at the same film (`resume.adopt`
    puts it there): steps that are finished are not repeated, and rungs are encoded from the first
    segment on that is not complete in all of them.

    `on_step(step, done)`: `done` is the share of the whole job, never falling, with what was done
    before counted in; called about twice a second. `on_first_play(path)` is called once, with the
    path below `out_dir` of what can be played: `master.m3u8`, growing and then final.
    `should_stop` is asked about ten times a second.

    Raises MediaProcessStopped, MediaProcessFailed (trying again may help), MediaRefused (the film
    is damaged further on); no process is left in any case.
    """
    job = _Job(source, facts, out_dir, on_step, on_first_play, should_stop, binary)
    job.sound()
    job.encode()
    job.package()
    return job.verify()


@dataclass
class _Job:
    source: Path
    facts: SourceFacts
    out_dir: Path
    on_step: Callable[[str, float], None]
    on_first_play: Callable[[str], None]
    should_stop: Callable[[], bool]
    binary: str
    announced: bool = False
    done: float = 0.0

    def __post_init__(self) -> None:
        self.rate = frame_rate_for(fps=self.facts.fps, is_vfr=self.facts.is_vfr)
        survey = surveyed(self.out_dir, self.facts) or self._survey()
        self.rungs = ladder_for(
            width=self.facts.width,
            height=self.facts.height,
            still=self.facts.sound_only,
            pace=survey.pace,
            sharp=survey.sharp,
        )
        prepare(self.out_dir, self.facts, self.rungs, survey)

    def _survey(self) -> Survey:
        """A film that does not answer gets the usual ladder: whether it can be decoded, and why
        not, is for the ladder to say.
        """
        if self.facts.sound_only:
            return Survey()
        self.out_dir.mkdir(parents=True, exist_ok=True)
        command = survey_command(self.facts, source=self.source, binary=self.binary)
        try:
            answer = self._run(command, lambda progress: None, wall_seconds=SURVEY_SECONDS)
        except MediaProcessFailed as failure:
            said_no = failure.exit_status is not None and failure.exit_status > 0
            slow = failure.reason is FailureReason.TOO_SLOW
            if slow or (said_no and failure.reason is not FailureReason.UNREAD):
                logger.warning("No survey, so the usual ladder: %s", failure)
                return Survey()
            raise
        return read_survey(answer.stdout, answer.stderr_tail)

    def sound(self) -> None:
        if self.facts.audio is None or is_finished(self.out_dir / AUDIO):
            return
        self._begin(Step.SOUND)
        begin, whole = _BEGINS[Step.SOUND], _BEGINS[Step.ENCODE] - _BEGINS[Step.SOUND]
        half = whole / 2  # measured first, then encoded

        def report(progress: Progress) -> None:
            share = min(1.0, progress.out_seconds / self.facts.duration)
            self.done = max(self.done, begin + half * share)
            self.on_step(Step.SOUND, self.done)

        def through(command: list[str]) -> RunResult:
            nonlocal begin
            result = self._run(command, report, one_cpu=True)
            begin = half
            return result

        with film_blamed():
            make_sound(
                self.out_dir, self.facts, source=self.source, binary=self.binary, run=through
            )

    def encode(self) -> None:
        names = tuple(rung.name for rung in self.rungs)
        if all(is_finished(self.out_dir / name) for name in names):
            return
        for name in (PROGRESSIVE, STORYBOARD):  # of rungs that were lost since
            (self.out_dir / name).unlink(missing_ok=True)
        growth = Growth(self.out_dir, names, self.rate)
        try:
            self._grow(growth)
        except InitDiffers:  # another ffmpeg: its segments do not fit those that are there
            growth.clear()
            self._grow(Growth(self.out_dir, names, self.rate))

    def _grow(self, growth: Growth) -> None:
        first = growth.begin()
        before = picture_at(first, self.rate)
        expected = max(1.0, self.facts.duration * float(self.rate))
        start, end = _BEGINS[Step.ENCODE], _BEGINS[Step.PACKAGE]

        def report(progress: Progress) -> None:
            share = min(1.0, (before + progress.frame) / expected)
            self.done = max(self.done, start + (end - start) * share)
            self.on_step(Step.ENCODE, self.done)
            if growth.look():
                self._announce_growing()

        report(Progress())
        command = ladder_command(
            self.facts, self.rungs, source=self.source, binary=self.binary, first=first
        )
        with film_blamed():
            self._run(command, report)
        growth.finish()

    def package(self) -> None:
        self._begin(Step.PACKAGE)
        self._once(
            PROGRESSIVE,
            progressive_command(
                progressive_rung(self.rungs),
                has_audio=self.facts.audio is not None,
                binary=self.binary,
            ),
        )
        self._light()
        if not (self.out_dir / STORYBOARD).is_file():
            make_pictures(
                self.out_dir,
                self.facts,
                self.rungs,
                binary=self.binary,
                run=lambda command: self._copy(command, Step.PACKAGE),
            )

    def _light(self) -> None:
        has_audio, making = self.facts.audio is not None, self.out_dir / MAKING
        if has_audio and not (self.out_dir / SOUND).is_file():
            self._copy(light_sound_command(self.facts.duration, binary=self.binary), Step.PACKAGE)
            self._indexed(SOUND)
        if (self.out_dir / LOW).is_file():
            return
        rung = self.rungs[-1]
        (making / OPENING).mkdir(exist_ok=True)
        self._copy(opening_command(rung, self.rate, binary=self.binary), Step.PACKAGE)
        replace_text(self.out_dir / LOW_PLAYLIST, opened_playlist(self.out_dir, rung))
        self._copy(low_command(has_audio=has_audio, binary=self.binary), Step.PACKAGE)
        if has_audio:
            self._copy(beginning_command(self.rate, binary=self.binary), Step.PACKAGE)
        self._indexed(LOW, opening=making / BEGINNING if has_audio else None)

    def _once(self, name: str, command: list[str]) -> None:
        """Make the file `name` in `MAKING` and put it in its place, if it is not there yet."""
        if not (self.out_dir / name).is_file():
            self._copy(command, Step.PACKAGE)
            os.replace(self.out_dir / MAKING / name, self.out_dir / name)

    def _indexed(self, name: str, *, opening: Path | None = None) -> None:
        """Put the file `name` of `MAKING` into its place, with an index."""
        made = self.out_dir / MAKING / name
        indexed = made.with_name(f"indexed_{name}")
        add_index(made, indexed, opening=opening)
        os.replace(indexed, self.out_dir / name)

    def verify(self) -> PackageFacts:
        self._begin(Step.VERIFY)
        shutil.rmtree(self.out_dir / MAKING)
        loudness, seen = loudness_in(self.out_dir), seen_in(self.out_dir)
        try:
            facts = verify_package(
                self.out_dir, self.facts, self.rungs, should_stop=self.should_stop
            )
        except MediaProcessFailed as failure:
            if failure.reason is FailureReason.BAD_OUTPUT:
                forget(self.out_dir)  # the next attempt must not go on from this
            raise
        self._announce(MASTER)
        self.on_step(Step.VERIFY, 1.0)
        return replace(facts, loudness=loudness, moments=seen.moments, brightness=seen.brightness)

    def _begin(self, step: Step) -> None:
        self.done = max(self.done, _BEGINS[step])
        self.on_step(step, self.done)

    def _announce(self, path: str) -> None:
        if not self.announced:
            self.announced = True
            self.on_first_play(path)

    def _announce_growing(self) -> None:
        """Once every track has a segment, a master over the growing playlists can be played."""
        if self.announced:
            return
        videos = [read_track(self.out_dir, rung.name) for rung in self.rungs]
        sound = read_track(self.out_dir, AUDIO) if self.facts.audio else None
        write_master(self.out_dir, self.facts, videos, sound)
        self._announce(MASTER)

    def _copy(self, command: list[str], step: Step) -> RunResult:
        return self._run(
            command,
            lambda progress: self.on_step(step, self.done),
            stall_seconds=COPY_STALL_SECONDS,
            one_cpu=True,
        )

    def _run(
        self,
        command: list[str],
        on_progress: Callable[[Progress], None],
        *,
        stall_seconds: float = STALL_SECONDS,
        wall_seconds: float | None = None,
        one_cpu: bool = False,
    ) -> RunResult:
        return run(
            command,
            files=Files(reads=(self.source,), writes=self.out_dir),
            on_progress=on_progress,
            should_stop=self.should_stop,
            stall_seconds=stall_seconds,
            wall_seconds=wall_seconds or ANY_FILM + WALL * self.facts.duration,
            rss_bytes=RSS_BYTES,
            written_bytes=2 * most_bytes(self.facts),
            limits=ProcessLimits(
                cpu_seconds=int(ANY_FILM + CPU * self.facts.duration),
                data=DATA_BYTES,
                file_bytes=most_bytes(self.facts),
                open_files=512,
                nice=NICE,
                one_cpu=one_cpu,
            ),
            cwd=self.out_dir,
        )


def most_bytes(facts: SourceFacts) -> int:
    """More than any file of a package: the copied source, or the film at 16 Mb/s."""
    return int(1.1 * facts.bytes + OUTPUT_RATE * facts.duration) + SPARE_BYTES


@contextlib.contextmanager
def film_blamed() -> Iterator[None]:
    """Around a command that reads the film: what ffmpeg says of the film refuses it at once. Any
    other error may come from the host, so it is a failure, and the film is given up if it repeats.
    """
    try:
        yield
    except MediaProcessFailed as failure:
        code = _BLAMED.get(failure.exit_status or 0)
        if failure.reason is not FailureReason.EXIT or code is None:
            raise
        raise MediaRefused(code, detail=f"cannot be decoded: {failure.stderr_tail}") from failure
