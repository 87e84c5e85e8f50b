"""From a probed film to a finished package: the one entry for callers.

Composes recipe, runner and package; decides nothing about jobs, leases or storage. Writes only
below `out_dir`, and leaves what it wrote there when it fails: the directory belongs to the caller.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from media_pipeline.ffmpeg.facts import SourceFacts
from media_pipeline.ffmpeg.ladder import frame_rate_for, ladder_for
from media_pipeline.ffmpeg.package import (
    MASTER,
    STORYBOARD,
    PackageFacts,
    verify_package,
    write_master,
)
from media_pipeline.ffmpeg.progress import Progress
from media_pipeline.ffmpeg.recipe import (
    AUDIO,
    CANDIDATES,
    ERROR_RATE_EXCEEDED,
    PREVIEW,
    TILES,
    ladder_command,
    pictures_command,
    progressive_command,
    progressive_rung,
    remux_command,
)
from media_pipeline.ffmpeg.refusals import MediaRefused, Refusal
from media_pipeline.ffmpeg.runner import FailureReason, MediaProcessFailed, run
from media_pipeline.ffmpeg.sandbox import ProcessLimits
from media_pipeline.ffmpeg.storyboard import SHEET_NAME, storyboard_for, storyboard_vtt
from media_pipeline.ffmpeg.tracks import bad_output, finish_playlist, read_track, replace_text

# The largest measured was 860 MB (4K HDR); above this something is wrong with the file.
RSS_BYTES = 1_600_000_000
STALL_SECONDS = 60
# A copied MP4 is moved once more to put its index in front, and that reports nothing.
COPY_STALL_SECONDS = 600
NICE = 10  # pages are answered first


class Step(StrEnum):
    PREVIEW = "preview"
    ENCODE = "encode"
    PACKAGE = "package"
    VERIFY = "verify"


# Share of the whole job that is done when the step begins.
_BEGINS = {Step.PREVIEW: 0.0, Step.ENCODE: 0.02, Step.PACKAGE: 0.95, Step.VERIFY: 0.97}


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

    `on_step(step, done)`: `done` is the share of the whole job, never falling; called about twice
    a second. `on_first_play(path)` is called once, with the path below `out_dir` of what can be
    played already: `preview.mp4` (removed in the end) or `master.m3u8` (growing, then final).
    `should_stop` is asked about ten times a second.

    Raises MediaProcessStopped, MediaProcessFailed (trying again may help), MediaRefused (the film
    is damaged further on); no process is left in any case.
    """
    job = _Job(source, facts, out_dir, on_step, on_first_play, should_stop, binary)
    out_dir.mkdir(parents=True, exist_ok=True)
    if facts.can_remux:
        job.preview()
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
        self.rungs = ladder_for(
            width=self.facts.width, height=self.facts.height, still=self.facts.sound_only
        )

    def preview(self) -> None:
        self._begin(Step.PREVIEW)
        command = remux_command(self.facts, source=self.source, binary=self.binary)
        try:
            self._copy(command, Step.PREVIEW)
        except MediaProcessFailed as failure:
            (self.out_dir / PREVIEW).unlink(missing_ok=True)
            if failure.reason is not FailureReason.EXIT:
                raise
            # Some streams do not fit an MP4 as they are; the ladder makes new ones anyway.
            return
        self._announce(PREVIEW)

    def encode(self) -> None:
        self._begin(Step.ENCODE)
        rate = frame_rate_for(fps=self.facts.fps, is_vfr=self.facts.is_vfr)
        expected = max(1.0, self.facts.duration * float(rate))
        start, end = _BEGINS[Step.ENCODE], _BEGINS[Step.PACKAGE]

        def report(progress: Progress) -> None:
            self.done = max(self.done, start + (end - start) * min(1.0, progress.frame / expected))
            self.on_step(Step.ENCODE, self.done)
            self._announce_growing()

        command = ladder_command(self.facts, self.rungs, source=self.source, binary=self.binary)
        try:
            self._run(command, report)
        except MediaProcessFailed as failure:
            if failure.exit_status == ERROR_RATE_EXCEEDED:
                tail = failure.stderr_tail
                raise MediaRefused(
                    Refusal.DAMAGED, detail=f"cannot be decoded: {tail}"
                ) from failure
            raise

    def package(self) -> None:
        self._begin(Step.PACKAGE)
        for name in self._track_names():
            finish_playlist(self.out_dir, name)
        self._copy(
            progressive_command(
                progressive_rung(self.rungs),
                has_audio=self.facts.audio is not None,
                binary=self.binary,
            ),
            Step.PACKAGE,
        )
        self._pictures()

    def _pictures(self) -> None:
        self._copy(pictures_command(self.facts, self.rungs, binary=self.binary), Step.PACKAGE)
        for name in (TILES, CANDIDATES):
            (self.out_dir / name).unlink()
        top = self.rungs[0]
        plan = storyboard_for(duration=self.facts.duration, width=top.width, height=top.height)
        sheets = sum((self.out_dir / (SHEET_NAME % n)).is_file() for n in range(1, plan.sheets + 1))
        if not sheets:
            raise bad_output("no storyboard")
        replace_text(
            self.out_dir / STORYBOARD,
            storyboard_vtt(plan, duration=self.facts.duration, sheets=sheets),
        )

    def verify(self) -> PackageFacts:
        self._begin(Step.VERIFY)
        facts = verify_package(self.out_dir, self.facts, self.rungs, should_stop=self.should_stop)
        self._announce(MASTER)
        (self.out_dir / PREVIEW).unlink(missing_ok=True)
        self.on_step(Step.VERIFY, 1.0)
        return facts

    def _begin(self, step: Step) -> None:
        self.done = max(self.done, _BEGINS[step])
        self.on_step(step, self.done)

    def _track_names(self) -> list[str]:
        return [rung.name for rung in self.rungs] + ([AUDIO] if self.facts.audio else [])

    def _announce(self, path: str) -> None:
        if not self.announced:
            self.announced = True
            self.on_first_play(path)

    def _announce_growing(self) -> None:
        """Once every track has a segment, a master over the growing playlists can be played."""
        if self.announced:
            return
        try:
            tracks = [read_track(self.out_dir, name) for name in self._track_names()]
        except MediaProcessFailed:  # not all of them are there yet
            return
        if all(track.playlist.segments for track in tracks):
            sound = tracks.pop() if self.facts.audio else None
            write_master(self.out_dir, self.facts, tracks, sound)
            self._announce(MASTER)

    def _copy(self, command: list[str], step: Step) -> None:
        self._run(
            command,
            lambda progress: self.on_step(step, self.done),
            stall_seconds=COPY_STALL_SECONDS,
        )

    def _run(
        self,
        command: list[str],
        on_progress: Callable[[Progress], None],
        *,
        stall_seconds: float = STALL_SECONDS,
    ) -> None:
        run(
            command,
            on_progress=on_progress,
            should_stop=self.should_stop,
            stall_seconds=stall_seconds,
            wall_seconds=900 + 30 * self.facts.duration,
            rss_bytes=RSS_BYTES,
            limits=ProcessLimits(
                cpu_seconds=int(900 + 60 * self.facts.duration), open_files=512, nice=NICE
            ),
            cwd=self.out_dir,
        )
