"""The rungs of a package while they grow: which segments are complete in all of them.

What is complete is told by the segments themselves, never by a list of them: every byte that they
declare is there, and they begin and end where the grid says. One that ffmpeg closed because it was
asked to end is shorter, and is not.
"""

import contextlib
import shutil
from fractions import Fraction
from pathlib import Path

from media_pipeline.ffmpeg.boxes import BoxError, InitFacts, read_init
from media_pipeline.ffmpeg.grid import start_of
from media_pipeline.ffmpeg.outputs import INIT, MAKING, SEGMENT
from media_pipeline.ffmpeg.tracks import Piece, read_piece, replace_bytes, write_playlist


class InitDiffers(Exception):
    """Segments made now cannot be played with the init segment of those made before."""


class Growth:
    def __init__(self, out_dir: Path, names: tuple[str, ...], rate: Fraction) -> None:
        self.out_dir = out_dir
        self.names = names
        self.rate = rate
        self.first = 0  # the first segment that is not an earlier attempt's
        self.pieces: dict[str, list[Piece]] = {name: [] for name in names}
        self.inits: dict[str, InitFacts] = {}
        for name in names:
            try:
                self.inits[name] = read_init((out_dir / name / INIT).read_bytes())
            except (OSError, BoxError):
                self._take_init(name)
        self._extend()

    @property
    def complete(self) -> int:
        """How many segments from the first on are complete in all rungs."""
        return min(len(pieces) for pieces in self.pieces.values())

    def begin(self) -> int:
        """Clear away what goes beyond the complete segments and return their number, which is
        that of the first one to make.
        """
        first = self.first = self.complete
        for name in self.names:
            del self.pieces[name][first:]
            self._remove_from(name, first)
            shutil.rmtree(self.out_dir / MAKING / name, ignore_errors=True)
            for folder in (self.out_dir / name, self.out_dir / MAKING / name):
                folder.mkdir(parents=True, exist_ok=True)
        if not first:
            self.inits.clear()
        self._write(ended=False)
        return first

    def look(self) -> int:
        """Take up what ffmpeg has finished meanwhile. Raises InitDiffers."""
        before = self.complete
        for name in self.names:
            self._take_init(name)
        self._extend()
        self._compare_inits()
        if self.complete > before:
            self._write(ended=False)
        return self.complete

    def finish(self) -> None:
        """ffmpeg is through: the last segment is as long as the film had pictures for."""
        self.look()
        for name in self.names:
            pieces = self.pieces[name]
            last = name in self.inits and self._piece(name, len(pieces))
            if last and last.end <= start_of(len(pieces) + 1, self.rate):
                pieces.append(last)
        self._compare_inits()
        for name in self.names:
            self._remove_from(
                name, len(self.pieces[name])
            )  # ffmpeg makes an empty one of no pictures
        self._write(ended=True)

    def clear(self) -> None:
        """Give up everything that was made before."""
        for name in self.names:
            shutil.rmtree(self.out_dir / name, ignore_errors=True)
            shutil.rmtree(self.out_dir / MAKING / name, ignore_errors=True)

    def _extend(self) -> None:
        for name in self.inits:
            pieces = self.pieces[name]
            while piece := self._piece(name, len(pieces)):
                if piece.end != start_of(len(pieces) + 1, self.rate):
                    break
                pieces.append(piece)

    def _piece(self, name: str, number: int) -> Piece | None:
        piece = read_piece(self.out_dir / name, number, self.inits[name])
        return piece if piece and piece.start == start_of(number, self.rate) else None

    def _take_init(self, name: str) -> None:
        """Keep the first init segment there is; ffmpeg writes it before it closes a segment."""
        made = self._made_init(name)
        if made is None or name in self.inits:
            return
        data = made.read_bytes()
        with contextlib.suppress(BoxError):  # half of it
            self.inits[name] = read_init(data)
            replace_bytes(self.out_dir / name / INIT, data)
            made.unlink()

    def _compare_inits(self) -> None:
        for name in self.names:
            made = self._made_init(name)
            # ffmpeg also writes one, of its own kind, when there are no pictures left to encode.
            if made is not None and len(self.pieces[name]) > self.first:
                if made.read_bytes() != (self.out_dir / name / INIT).read_bytes():
                    raise InitDiffers(name)
                made.unlink()

    def _made_init(self, name: str) -> Path | None:
        return next((self.out_dir / MAKING / name).glob("init*.mp4"), None)

    def _remove_from(self, name: str, number: int) -> None:
        kept = {SEGMENT % n for n in range(number)}
        for path in (self.out_dir / name).glob("seg_*"):
            if path.name not in kept:
                path.unlink(missing_ok=True)

    def _write(self, *, ended: bool) -> None:
        for name in self.names:
            if self.pieces[name]:
                write_playlist(self.out_dir / name, self.pieces[name], ended=ended)
