"""The two light files of a package: the film for weak lines, and its voice alone.

Both are fragmented MP4s with an index of their fragments in front. An ordinary MP4 names every
sample in its head: of ten minutes of film that is 300 KB, six seconds of a line of 400 kb/s before
the first picture. Here a browser has a picture after the first fragment, without any script, and
jumps by the index.

`low.mp4` is a copy of the lowest rung, which the ladder caps for such lines, with the voice in
mono: together at most 330 kb/s, which leaves a line of 400 kb/s something to catch up with.
"""

from media_pipeline.ffmpeg.ladder import Rung
from media_pipeline.ffmpeg.outputs import AUDIO, MAKING, PLAYLIST

LOW = "low.mp4"
SOUND = "sound.mp4"
SOUND_RATE = 40_000  # bits a second
PICTURE_FRAGMENT_SECONDS = 1
SOUND_FRAGMENT_SECONDS = 4

_BEGIN = ("-nostdin", "-hide_banner", "-v", "warning", "-nostats", "-progress", "pipe:1")
_FLAGS = "+delay_moov+default_base_moof+global_sidx"


def light_sound_command(*, binary: str) -> list[str]:
    """The shared sound of a finished package in mono, at a rate that suits a voice."""
    return [
        *(binary, *_BEGIN, *_track(AUDIO), "-map", "0:a:0"),
        *("-ac", "1", "-c:a", "aac", "-b:a", str(SOUND_RATE)),
        *_fragments(SOUND_FRAGMENT_SECONDS),
        f"{MAKING}/{SOUND}",
    ]


def low_command(rung: Rung, *, has_audio: bool, binary: str) -> list[str]:
    """The lowest rung and the mono sound in one file."""
    inputs = [*_track(rung.name)]
    maps = ["-map", "0:v:0"]
    if has_audio:
        inputs += ["-protocol_whitelist", "file", "-i", SOUND]
        maps += ["-map", "1:a:0"]
    return [
        *(binary, *_BEGIN, *inputs, *maps, "-c", "copy"),
        *_fragments(PICTURE_FRAGMENT_SECONDS),
        f"{MAKING}/{LOW}",
    ]


def _track(name: str) -> tuple[str, ...]:
    return ("-protocol_whitelist", "file", "-i", f"{name}/{PLAYLIST}")


def _fragments(seconds: int) -> list[str]:
    return [
        *("-map_metadata", "-1", "-map_chapters", "-1", "-f", "mp4"),
        *("-movflags", _FLAGS, "-frag_duration", str(seconds * 1_000_000), "-y"),
    ]
