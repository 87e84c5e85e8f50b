"""Going on where an earlier attempt at the same film stopped.

An attempt has a folder of its own, because the one before may still be written to by a process
that nobody could end. What is whole in there is shared, what is in the making is not.
"""

import contextlib
import hashlib
import json
import os
import re
import shutil
import stat
from fractions import Fraction
from pathlib import Path
from typing import Any

from media_pipeline.ffmpeg.boxes import BoxError, read_init
from media_pipeline.ffmpeg.facts import SourceFacts
from media_pipeline.ffmpeg.ladder import Pace, Rung
from media_pipeline.ffmpeg.light import beginning_command, light_sound_command, low_command
from media_pipeline.ffmpeg.loudness import Treatment
from media_pipeline.ffmpeg.outputs import INIT, MAKING
from media_pipeline.ffmpeg.recipe import ladder_command, sound_command
from media_pipeline.ffmpeg.survey import Survey
from media_pipeline.ffmpeg.tracks import replace_bytes, replace_text

PLAN = "plan.json"
LOUDNESS = "loudness.json"
SEEN = "seen.json"
# Every name that a package has, the master apart: that one is written last of all.
_TRACK = re.compile(r"\d{1,5}p|light|audio")
_IN_TRACK = re.compile(r"init\.mp4|index\.m3u8|seg_\d{5}\.m4s")
_IN_PACKAGE = re.compile(
    r"plan\.json|loudness\.json|seen\.json|(?:progressive|low|sound)\.mp4|poster\.jpg|storyboard\.vtt"
    r"|story_\d{3}\.jpg"
)


def adopt(earlier: Path, out_dir: Path) -> None:
    """Take over into `out_dir` what an earlier attempt at the same film finished, by links, or by
    copies on another file system. Names that are there already stay.

    Whatever is wrong with the folder, this does not raise: `transcode` judges what it finds, and
    begins with what is missing.
    """
    with contextlib.suppress(OSError):
        plan = (earlier / PLAN).read_bytes()
        out_dir.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileNotFoundError):
            if (out_dir / PLAN).read_bytes() != plan:
                return
        for entry in sorted(earlier.iterdir()):
            if _IN_PACKAGE.fullmatch(entry.name):
                _share(entry, out_dir / entry.name)
            elif _TRACK.fullmatch(entry.name) and not entry.is_symlink():
                _adopt_track(entry, out_dir / entry.name)
                _adopt_init(earlier / MAKING / entry.name, out_dir / MAKING / entry.name)


def _adopt_track(earlier: Path, folder: Path) -> None:
    with contextlib.suppress(OSError):
        folder.mkdir(exist_ok=True)
        for entry in sorted(earlier.iterdir()):
            if _IN_TRACK.fullmatch(entry.name):
                _share(entry, folder / entry.name)


def _adopt_init(earlier: Path, folder: Path) -> None:
    """A first segment may be whole before its init segment has been given its name. That one is
    copied: it could still be written to.
    """
    with contextlib.suppress(OSError, BoxError):
        for entry in sorted(earlier.glob("init*.mp4")):
            if stat.S_ISREG(entry.lstat().st_mode):
                data = entry.read_bytes()
                read_init(data)
                folder.mkdir(parents=True, exist_ok=True)
                replace_bytes(folder / INIT, data)


def _share(file: Path, name: Path) -> None:
    # The folder was open to a program that reads what strangers send: it may hold links.
    with contextlib.suppress(OSError):
        if not stat.S_ISREG(file.lstat().st_mode) or name.exists():
            return
        try:
            os.link(file, name, follow_symlinks=False)
        except OSError:
            beside = name.with_name(name.name + ".new")
            shutil.copy2(file, beside, follow_symlinks=False)
            os.replace(beside, name)


def surveyed(out_dir: Path, facts: SourceFacts) -> Survey | None:
    """What an earlier attempt at this film found before it chose a ladder. It holds for all that
    follow: they put their pictures behind those that are there.
    """
    try:
        plan = json.loads((out_dir / PLAN).read_text("utf-8"))
        if plan["film"] == _digest(facts.as_json()):
            return Survey(Pace(plan["pace"]), bool(plan["sharp"]))
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return None


def prepare(out_dir: Path, facts: SourceFacts, rungs: tuple[Rung, ...], survey: Survey) -> None:
    """Make `out_dir` ready for this film by this recipe: what was made by another one goes."""
    out_dir.mkdir(parents=True, exist_ok=True)
    plan = _plan(facts, rungs, survey)
    try:
        known = (out_dir / PLAN).read_text("utf-8")
    except (OSError, ValueError):
        known = ""
    if known != plan:
        forget(out_dir)
        replace_text(out_dir / PLAN, plan)
    (out_dir / MAKING).mkdir(exist_ok=True)


def forget(out_dir: Path) -> None:
    """Remove everything that a next attempt could go on from."""
    (out_dir / PLAN).unlink(missing_ok=True)
    for entry in out_dir.iterdir():
        if entry.name == MAKING or _TRACK.fullmatch(entry.name):
            shutil.rmtree(entry)
        elif _IN_PACKAGE.fullmatch(entry.name):
            entry.unlink()


def _plan(facts: SourceFacts, rungs: tuple[Rung, ...], survey: Survey) -> str:
    """Names the film and the recipe, equal for what can be put together, and what chose it."""
    film = Path("/film")
    commands = [
        ladder_command(facts, rungs, source=film, binary="ffmpeg"),
        sound_command(facts, Treatment(), source=film, binary="ffmpeg") if facts.audio else [],
        light_sound_command(facts.duration, binary="ffmpeg"),
        low_command(has_audio=True, binary="ffmpeg"),
        beginning_command(Fraction(25), binary="ffmpeg"),
    ]
    plan = {
        "film": _digest(facts.as_json()),
        "recipe": _digest(commands),
        "pace": survey.pace,
        "sharp": survey.sharp,
    }
    return json.dumps(plan)


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
