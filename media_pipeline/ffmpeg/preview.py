"""Something to play as early as possible, for the uploader alone, while the package is made.

Lacks what a package has: final loudness, rungs, verification. It is thrown away with the attempt.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

from media_pipeline.ffmpeg.bubblewrap import Files
from media_pipeline.ffmpeg.facts import SourceFacts
from media_pipeline.ffmpeg.ladder import ladder_for
from media_pipeline.ffmpeg.outputs import INIT, PLAYLIST
from media_pipeline.ffmpeg.progress import Progress
from media_pipeline.ffmpeg.recipe import remux_preview_command, small_preview_command
from media_pipeline.ffmpeg.runner import FailureReason, MediaProcessFailed, run
from media_pipeline.ffmpeg.sandbox import ProcessLimits
from media_pipeline.ffmpeg.transcode import ANY_FILM, CPU, DATA_BYTES, WALL, most_bytes

FOLDER = "preview"
STEP = "preview"
RSS_BYTES = 400_000_000
# A copy is cut at the film's own keyframes. Where these are further apart than so many seconds,
# a segment is too heavy to wait for.
MOST_KEYFRAME_GAP = 12.0
STALL_SECONDS = 60
NICE = 5  # before the ladders, after the pages


def preview(
    *,
    source: Path,
    facts: SourceFacts,
    out_dir: Path,
    on_step: Callable[[str, float], None],
    on_first_play: Callable[[str], None],
    should_stop: Callable[[], bool],
    binary: str,
    most_seconds: float | None = None,
) -> None:
    """Make a growing HLS of `source` in `out_dir`/preview: the film's own streams where browsers
    play these, one small rendition otherwise.

    `on_first_play("preview/index.m3u8")` is called once, as soon as there is a segment;
    `on_step("preview", done)` about twice a second with the share of the film. Returns at the end
    of the film, or after about `most_seconds` of it. What an earlier call left goes first.

    Raises MediaProcessStopped when `should_stop` said yes, and MediaProcessFailed; what can be
    played until then stays.
    """
    _Preview(
        source, facts, out_dir, on_step, on_first_play, should_stop, binary, most_seconds
    ).make()


class _Preview:
    def __init__(
        self,
        source: Path,
        facts: SourceFacts,
        out_dir: Path,
        on_step: Callable[[str, float], None],
        on_first_play: Callable[[str], None],
        should_stop: Callable[[], bool],
        binary: str,
        most_seconds: float | None,
    ) -> None:
        self.source = source
        self.facts = facts
        self.out_dir = out_dir
        self.folder = out_dir / FOLDER
        self.on_step = on_step
        self.on_first_play = on_first_play
        self.should_stop = should_stop
        self.binary = binary
        self.most_seconds = most_seconds
        self.announced = False

    def make(self) -> None:
        self.on_step(STEP, 0.0)
        copyable = self.facts.can_remux and self.facts.keyframe_gap <= MOST_KEYFRAME_GAP
        if not (copyable and self._copied()):
            rung = ladder_for(
                width=self.facts.width, height=self.facts.height, still=self.facts.sound_only
            )[-1]
            self._run(
                small_preview_command(
                    self.facts,
                    rung,
                    source=self.source,
                    folder=FOLDER,
                    binary=self.binary,
                    most_seconds=self.most_seconds,
                )
            )
        self.on_step(STEP, 1.0)

    def _copied(self) -> bool:
        """Some streams do not fit segments as they are; then nothing was announced."""
        try:
            self._run(
                remux_preview_command(
                    self.facts,
                    source=self.source,
                    folder=FOLDER,
                    binary=self.binary,
                    most_seconds=self.most_seconds,
                )
            )
        except MediaProcessFailed as failure:
            gave_up = failure.exit_status is not None and failure.exit_status > 0
            if not gave_up or failure.reason is FailureReason.DISK_FULL or self.announced:
                raise
            return False
        return True

    def _run(self, command: list[str]) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        run(
            command,
            files=Files(reads=(self.source,), writes=self.out_dir),
            on_progress=self._report,
            should_stop=self._look,
            stall_seconds=STALL_SECONDS,
            wall_seconds=ANY_FILM + WALL * self.facts.duration,
            rss_bytes=RSS_BYTES,
            written_bytes=most_bytes(self.facts),
            limits=ProcessLimits(
                cpu_seconds=int(ANY_FILM + CPU * self.facts.duration),
                data=DATA_BYTES,
                file_bytes=most_bytes(self.facts),
                open_files=64,
                nice=NICE,
            ),
            cwd=self.out_dir,
        )
        self._announce()

    def _report(self, progress: Progress) -> None:
        length = min(self.facts.duration, self.most_seconds or self.facts.duration)
        self.on_step(STEP, min(1.0, progress.out_seconds / length))

    def _look(self) -> bool:
        """Asked ten times a second, five times as often as ffmpeg reports."""
        self._announce()
        return self.should_stop()

    def _announce(self) -> None:
        if self.announced or not (self.folder / INIT).exists():
            return
        try:
            begun = "#EXTINF" in (self.folder / PLAYLIST).read_text("ascii")
        except FileNotFoundError:
            return
        if begun:
            self.announced = True
            self.on_first_play(f"{FOLDER}/{PLAYLIST}")
