"""The two light files of a package: the film for weak lines, and its voice alone.

Both are fragmented MP4s with an index of their fragments in front (`fragments`). An ordinary MP4
names every sample in its head: half a megabyte for twenty minutes, ten seconds of a line of
400 kb/s before the first picture. Here a browser has a picture after the first block, without any
script, and jumps by the index. A fragment reaches from keyframe to keyframe, so that whoever jumps
begins with one. Its voice comes before its pictures, so that neither waits for the other; in the
first fragment they take turns, so that the first picture need not wait for four seconds of voice.
(In no later one: ffmpeg's demuxer loses the order of samples where such a fragment is read after a
later one, as it is by whoever jumps forward and back.)

`low.mp4` is a copy of the lowest rung, which the ladder caps for such lines, with the voice in
mono: together at most 330 kb/s, which leaves a line of 400 kb/s something to catch up with. Its
first seconds are made anew, with a small picture at first that sharpens while the line catches up:
Chromium, as all that read with ffmpeg, wants 20 pictures of a fragmented film before it shows one,
and takes what comes in blocks of 32 KB. Those pictures have to lie in the first.
"""

import re
import struct
from fractions import Fraction
from pathlib import Path

from media_pipeline.ffmpeg.boxes import find_box, read_init
from media_pipeline.ffmpeg.grid import picture_at
from media_pipeline.ffmpeg.ladder import GOP_SECONDS, Rung
from media_pipeline.ffmpeg.outputs import (
    AUDIO,
    INIT,
    MAKING,
    PLAYLIST,
    SEGMENT,
    opening_options,
)

LOW = "low.mp4"
SOUND = "sound.mp4"
SOUND_RATE = 40_000  # bits a second
SOUND_FRAGMENT_SECONDS = 4
TURN_SECONDS = 0.5  # of picture, before sound has its turn in the first fragment
# Chromium takes a film in blocks of so many bytes, and wants so many pictures before the first.
BLOCK = 32 * 1024
OPENING_PICTURES = 22
# What else lies in the first block: the head with the index of 23 minutes, that of the first
# fragment, and the sound of a second.
_HEAD_BYTES, _FRAGMENT_BYTES, _SOUND_BYTES = 5_500, 2_500, 5_000
# The first picture, soft for a moment where it is full of writing; what follows sharpens it.
_FIRST_PICTURE_BYTES = 8_000

OPENING = "opening"
BEGINNING = "beginning.mp4"
LOW_PLAYLIST = f"{MAKING}/low.m3u8"

_BEGIN = ("-nostdin", "-hide_banner", "-v", "warning", "-nostats", "-progress", "pipe:1")
# No index of ffmpeg's own, neither in front nor at the end: `fragments` makes it.
_FRAGMENTED = (
    *("-map_metadata", "-1", "-map_chapters", "-1", "-f", "mp4"),
    *("-movflags", "+delay_moov+default_base_moof+frag_keyframe+skip_trailer", "-y"),
)
# Without what comes before the film, and a frame of AAC late, which is 1024 samples (see `_low`).
_ONE_FRAME_LATE = "noise=drop=lt(pts\\,0),setts=pts=PTS+1024:dts=DTS+1024"


def light_sound_command(seconds: float, *, binary: str) -> list[str]:
    """The shared sound of a finished package in mono, at a rate that suits a voice, and silence
    up to `seconds`, the length of the film: whoever jumped behind its end would have to fetch that.
    """
    return [
        *(binary, *_BEGIN, *_track(f"{AUDIO}/{PLAYLIST}"), "-map", "0:a:0"),
        *("-af", f"apad=whole_dur={seconds:.3f}", "-ac", "1"),
        *("-c:a", "aac", "-aac_coder", "fast", "-b:a", str(SOUND_RATE)),
        *("-frag_duration", str(SOUND_FRAGMENT_SECONDS * 1_000_000), *_FRAGMENTED),
        f"{MAKING}/{SOUND}",
    ]


def opening_command(rung: Rung, rate: Fraction, *, binary: str) -> list[str]:
    """The pictures of the rung's first segment, so small that 20 of them come within a second of a
    weak line.
    """
    folder = f"{MAKING}/{OPENING}"
    options = opening_options(
        folder,
        rung,
        rate,
        maxrate=opening_rate(rung, rate),
        bufsize=_FIRST_PICTURE_BYTES * 80 // 9,  # the encoder begins with nine tenths of it
    )
    return [
        *(binary, *_BEGIN, *_track(f"{rung.name}/{PLAYLIST}"), "-map", "0:v:0"),
        *("-frames:v", str(picture_at(1, rate))),
        *(part for name, value in options.items() for part in (f"-{name}", str(value))),
        *("-y", f"{folder}/{PLAYLIST}"),
    ]


def opening_rate(rung: Rung, rate: Fraction) -> int:
    """Bits a second of the opening: its first pictures fit the first block together with what else
    lies there. Little where they are few a second and so last long, which is how slides are shown.
    """
    seconds = OPENING_PICTURES / rate
    other = _HEAD_BYTES + _FRAGMENT_BYTES + _SOUND_BYTES * seconds
    left = BLOCK - other - _FIRST_PICTURE_BYTES
    return min(rung.maxrate, int(left * 8 / seconds))


def opened_playlist(out_dir: Path, rung: Rung) -> str:
    """The rung's playlist as seen from `MAKING`, with the opening for its first segment. As it was
    where ffmpeg made the opening so that no decoder would go on from it.
    """
    opening = out_dir / MAKING / OPENING
    fits = _decoder(opening / INIT) == _decoder(out_dir / rung.name / INIT)
    first = SEGMENT % 0
    lines = (out_dir / rung.name / PLAYLIST).read_text("utf-8").splitlines()
    found = [
        f"{OPENING}/{first}"
        if fits and line == first
        else re.sub(r'^(?!#)|(?<=URI=")', f"../{rung.name}/", line)
        for line in lines
    ]
    return "\n".join(found) + "\n"


def _decoder(init: Path) -> tuple[bytes, int]:
    """What a decoder is told before the first picture, and how its time is counted."""
    data = init.read_bytes()
    entry = find_box(data, b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd") or b""
    at = entry.find(b"avcC")
    length = struct.unpack_from(">I", entry, at - 4)[0] if at >= 4 else 0
    return entry[at : at - 4 + length], read_init(data).timescale


def beginning_command(rate: Fraction, *, binary: str) -> list[str]:
    """`BEGINNING`, whose first fragment is that of the light film with picture and voice taking
    turns.
    """
    return [
        *_low(has_audio=True, binary=binary),
        *("-t", str(GOP_SECONDS + 1), "-frag_interleave", str(max(1, round(TURN_SECONDS * rate)))),
        *(*_FRAGMENTED, f"{MAKING}/{BEGINNING}"),
    ]


def low_command(*, has_audio: bool, binary: str) -> list[str]:
    """The lowest rung (`LOW_PLAYLIST`) and the mono sound in one file."""
    return [*_low(has_audio=has_audio, binary=binary), *_FRAGMENTED, f"{MAKING}/{LOW}"]


def _low(*, has_audio: bool, binary: str) -> list[str]:
    """Both as they are, but for the beginning of the sound.

    The 21 ms that an AAC encoder puts before the sound are left out: they would need an edit list,
    which moves the times by which ffmpeg looks for sound. And each fragment has what is heard when
    its first picture is decoded, for that is looked for: sound is packed as if it came a frame
    later, which makes an edit list of its own (`add_index` drops it).
    """
    inputs = [*_track(LOW_PLAYLIST)]
    maps = ["-map", "0:v:0"]
    if has_audio:
        inputs += _track(SOUND)
        maps += ["-map", "1:a:0", "-bsf:a", _ONE_FRAME_LATE]
    return [binary, *_BEGIN, *inputs, *maps, "-c", "copy"]


def _track(path: str) -> tuple[str, ...]:
    return ("-protocol_whitelist", "file", "-i", path)
