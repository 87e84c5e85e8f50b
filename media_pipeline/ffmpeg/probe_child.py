"""Opens an untrusted file with PyAV and prints what it found as one JSON object.

Run by path in a sandbox by `probe`, never imported. It reports and judges nothing: a file that
cannot be opened is `{"error": …}`, and a crash of this process is an answer as well. Nothing of the
project is imported here, so that it runs with `python -I` and needs little memory.
"""

import errno
import json
import sys
from array import array
from itertools import pairwise
from typing import Any, NoReturn

# Exit statuses: not the file's fault.
ENVIRONMENT_BROKEN = 3
UNREAD = 4
DISK_TROUBLE = (errno.EIO, errno.ESTALE)
ATTACHED_PICTURE = 1024  # AV_DISPOSITION_ATTACHED_PIC
DEFAULT = 1  # AV_DISPOSITION_DEFAULT
BESIDE = 8 | 128 | 256  # comment, for the hard of hearing, for the blind
CLOCK_JUMP, CLOCK_BACK = 3.0, 0.1  # seconds; the first as in `recipe`
PACKETS_UNTIL_FRAME = 600
BLANK = bytes(16)


def give_up(status: int, error: Exception) -> NoReturn:
    sys.stderr.write(f"probe: {error}\n")
    sys.exit(status)


def blame_disk(error: Any) -> None:
    """End here where not the film broke off but the disk."""
    if error.errno in DISK_TROUBLE:
        give_up(UNREAD, error)


try:
    import av
    import av.error
except (ImportError, OSError) as error:
    give_up(ENVIRONMENT_BROKEN, error)


class Track:
    """What reading all packets of one stream tells."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream
        self.times = array("q")
        self.packets = 0
        self.bytes = 0
        self.corrupt = 0
        self.blank = 0
        self.keyframes = array("q")
        self.last_duration = 0
        self.end = -(2**63)
        self.frame: Any = None

    def take(self, packet: Any, shift: int) -> None:
        self.packets += 1
        self.bytes += packet.size
        self.corrupt += packet.is_corrupt
        # No codec begins a picture so; transfers that broke off leave holes of zeros.
        self.blank += packet.size >= len(BLANK) and bytes(memoryview(packet)[:16]) == BLANK
        time = packet.dts if packet.pts is None else packet.pts
        if time is None or packet.is_discard:
            return
        if self.frame is None and self.packets <= PACKETS_UNTIL_FRAME:
            self.frame = first_frame(packet)
        time += shift
        self.times.append(time)
        if packet.is_keyframe:
            self.keyframes.append(time)
        self.last_duration = packet.duration or self.last_duration
        # The last picture of a screen recording may stand for minutes; a piece of sound beside
        # pictures is as long as its samples, whatever is said of it.
        if self.stream.type == "video":
            self.end = max(self.end, time + (packet.duration or 0))

    def report(self) -> dict[str, Any]:
        times = sorted(self.times)
        tick = self.stream.time_base
        gaps = sorted(b - a for a, b in pairwise(times) if b > a)
        middle = gaps[len(gaps) // 2] if gaps else self.last_duration
        end = max(times[-1] + (middle or self.last_duration), self.end) if times else 0
        near = sum(abs(gap - middle) <= max(1, middle // 10) for gap in gaps)
        keys = sorted(self.keyframes)
        key_gaps = [b - a for a, b in pairwise([*keys, end])]
        rate = self.stream.average_rate if self.stream.type == "video" else None
        return {
            "index": self.stream.index,
            "codec": self.stream.codec_context.name,
            "profile": self.stream.profile or "",
            "packets": self.packets,
            "corrupt": self.corrupt,
            "blank": self.blank,
            "declared_packets": self.stream.frames,
            "declared_seconds": seconds(self.stream.duration, tick),
            "start": seconds(times[0], tick) if times else None,
            "end": seconds(end, tick) if times else None,
            "gap": [(middle * tick).numerator, (middle * tick).denominator] if middle else None,
            "steady": near / len(gaps) if gaps else 1.0,
            "average_rate": [rate.numerator, rate.denominator] if rate else None,
            "keyframe_gap": seconds(max(key_gaps, default=0), tick),
            "decodes": self.frame is not None,
        }


def seconds(value: int | None, tick: Any) -> float | None:
    return None if value is None else float(value * tick)


def first_frame(packet: Any) -> Any:
    try:
        return next(iter(packet.decode()), None)
    except av.error.FFmpegError:  # streams may begin in the middle of a group of pictures
        return None


def picture(track: Track) -> dict[str, Any]:
    frame, context = track.frame, track.stream.codec_context
    ratio = track.stream.sample_aspect_ratio or context.sample_aspect_ratio
    return {
        "width": frame.width if frame else context.width,
        "height": frame.height if frame else context.height,
        "pixel_ratio": [ratio.numerator, ratio.denominator] if ratio else [1, 1],
        "rotation": frame.rotation if frame else 0,
        "pix_fmt": frame.format.name if frame else context.pix_fmt,
        "interlaced": bool(frame and frame.interlaced_frame),
        "range": colour(frame, context, "color_range", unknown=0),
        "matrix": colour(frame, context, "colorspace", unknown=2),
        "transfer": colour(frame, context, "color_trc", unknown=2),
        "primaries": colour(frame, context, "color_primaries", unknown=2),
    }


def colour(frame: Any, context: Any, name: str, *, unknown: int) -> int:
    for holder in (frame, context):
        value = getattr(holder, name, None)
        if value is not None and int(value) != unknown:
            return int(value)
    return unknown


def frame_near(container: Any, stream: Any, at: float) -> tuple[bool | None, Any]:
    """Whether a frame comes out near that second, None where one cannot seek; and the frame."""
    try:
        container.seek(int(at / stream.time_base), stream=stream, backward=True)
    except (av.error.FFmpegError, OverflowError):
        return None, None
    packets = 0
    try:
        for packet in container.demux(stream):
            packets += 1
            if (frame := first_frame(packet)) is not None:
                return True, frame
            if packets >= PACKETS_UNTIL_FRAME:
                break
    except av.error.FFmpegError as error:
        blame_disk(error)
        return False, None
    return (None if packets <= 1 else False), None


class Clock:
    """The clock of a stream of transport packets that starts anew in the middle, made to run on:
    ffmpeg does the same by the same rule (`-dts_delta_threshold`), and what counts is what it will
    show. Other containers have one clock.
    """

    def __init__(self, container: Any) -> None:
        self.may_jump = container.format.name == "mpegts"
        self.offset = 0.0
        self.next: dict[int, float] = {}

    def shift(self, packet: Any) -> int:
        """What to add to the packet's times, in its own ticks."""
        if not self.may_jump or packet.dts is None:
            return round(self.offset / packet.time_base) if self.offset else 0
        at = float(packet.dts * packet.time_base)
        expected = self.next.get(packet.stream.index)
        if expected is not None:
            ahead = at + self.offset - expected
            if ahead > CLOCK_JUMP or ahead < -CLOCK_BACK:
                self.offset -= ahead
        length = float((packet.duration or 0) * packet.time_base)
        self.next[packet.stream.index] = at + self.offset + length
        return round(self.offset / packet.time_base)


def film_in(container: Any, codecs: list[str]) -> Any:
    """The film of several tracks of pictures: one that we take, that moves, that is marked as the
    one to play, the largest, the first.
    """
    tracks = [s for s in container.streams.video if not s.disposition & ATTACHED_PICTURE]

    def rank(stream: Any) -> tuple[bool, bool, bool, int]:
        context = stream.codec_context
        return (
            codec_of(stream) in codecs,
            stream.frames != 1,
            bool(stream.disposition & DEFAULT),
            context.width * context.height if context is not None else 0,
        )

    return max(tracks, key=rank, default=None)


def sounds_in(container: Any, codecs: list[str]) -> list[Any]:
    """The tracks of sound that we take; if there is none of them, what there is."""
    streams = container.streams.audio
    return [s for s in streams if codec_of(s) in codecs] or list(streams[:1])


def sound_of(tracks: list[Track]) -> Track | None:
    """The sound of several tracks: one that can be heard, not a comment, marked as the one to
    play, the longest, the first.
    """

    def rank(track: Track) -> tuple[bool, bool, bool, int]:
        disposition, told = track.stream.disposition, track.report()
        return (
            told["decodes"],
            not disposition & BESIDE,
            bool(disposition & DEFAULT),
            round((told["end"] or 0) - (told["start"] or 0)),
        )

    return max(tracks, key=rank, default=None)


def cover_in(container: Any, task: dict[str, Any]) -> dict[str, Any] | None:
    """The picture of a sound file, if it can be shown."""
    for stream in container.streams.video:
        context = stream.codec_context
        if (
            not stream.disposition & ATTACHED_PICTURE
            or codec_of(stream) not in task["covers"]
            or context.width * context.height > task["max_pixels"]
        ):
            continue
        context.thread_count = 1
        context.options = {"max_pixels": str(task["max_pixels"])}
        try:
            # Attached pictures come before all other packets.
            for packet in container.demux(stream):
                frame = first_frame(packet) or next(iter(context.decode(None)), None)
                if frame is not None:
                    return {
                        "index": stream.index,
                        "codec": codec_of(stream),
                        "width": frame.width,
                        "height": frame.height,
                        "pix_fmt": frame.format.name,
                    }
                break
        except (av.error.FFmpegError, MemoryError):
            continue
    return None


def codec_of(stream: Any) -> str:
    context = stream.codec_context
    return context.name if context is not None else "unknown"


def inspect(path: str, task: dict[str, Any]) -> dict[str, Any]:
    options = {
        "format_whitelist": task["format"],
        "protocol_whitelist": "file",
        "max_streams": str(task["max_streams"]),
        # For the pictures that opening a file decodes already, to know its streams.
        "codec_whitelist": ",".join(sorted({*task["codecs"], *task["covers"]})),
    }
    result: dict[str, Any] = {"video": None, "audio": None, "cover": None, "read_error": ""}
    result["whole"] = True  # whether all packets were read
    with av.open(path, options=options, metadata_errors="replace") as container:
        result["declared_seconds"] = container.duration and container.duration / 1_000_000
        result["clock_start"] = container.start_time and container.start_time / 1_000_000
        film = film_in(container, task["codecs"])
        pictures = [Track(film)] if film is not None else []
        sounds = [Track(stream) for stream in sounds_in(container, task["codecs"])]
        tracks = [*pictures, *sounds]
        if not tracks or not prepare(tracks, task, result):
            return result
        jumped = read(container, tracks, task, result)
        if "too_many_packets" in result:
            return result
        if (sound := sound_of(sounds)) is not None:
            result["audio"] = {**sound.report(), **voice(sound)}
        if pictures:
            result["video"] = {**pictures[0].report(), **picture(pictures[0])}
        if not jumped and (main := pictures[0] if pictures else sound) is not None:
            look_further_on(container, main, result[main.stream.type])
    if film is None and sound is not None:
        with av.open(path, options=options, metadata_errors="replace") as container:
            result["cover"] = cover_in(container, task)
    return result


def look_further_on(container: Any, track: Track, told: dict[str, Any]) -> None:
    if not told["decodes"] or told["end"] - told["start"] <= 2:
        return
    start, length = told["start"], told["end"] - told["start"]
    # Transport streams are entered anywhere, not at a keyframe.
    early = told["keyframe_gap"] if container.format.name == "mpegts" else 0
    told["spots"] = []
    for share in (0.5, 0.9):
        at = max(start, start + length * share - early)
        decodes, frame = frame_near(container, track.stream, at)
        told["spots"].append(decodes)
        # Behind a title that is not, perhaps.
        if getattr(frame, "interlaced_frame", False):
            told["interlaced"] = True


def read(container: Any, tracks: list[Track], task: dict[str, Any], result: dict[str, Any]) -> bool:
    """Let the tracks take all their packets, or as many as the task calls enough where the
    container says how long the film is; True when the clock jumped on the way. Gives up, with
    `too_many_packets`, on a stream of more than anybody records.
    """
    by_index = {track.stream.index: track for track in tracks}
    clock = Clock(container)
    enough = task["enough"] if container.duration else None
    try:
        for packet in container.demux([track.stream for track in tracks]):
            if packet.size:
                track = by_index[packet.stream.index]
                track.take(packet, clock.shift(packet))
                if track.packets > task["max_packets"]:
                    result["too_many_packets"] = track.packets
                    return False
                if enough is not None and are_enough(tracks, *enough):
                    result["whole"] = False
                    break
    except av.error.FFmpegError as error:
        blame_disk(error)
        result["read_error"] = str(error)
    return bool(clock.offset)


def are_enough(tracks: list[Track], packets: int, size: int) -> bool:
    """Whether something of each track has come, and so much of all of them together."""
    return all(track.packets for track in tracks) and (
        sum(track.packets for track in tracks) >= packets
        or sum(track.bytes for track in tracks) >= size
    )


def voice(track: Track) -> dict[str, Any]:
    context = track.stream.codec_context
    return {"channels": context.channels, "rate": context.sample_rate}


def prepare(tracks: list[Track], task: dict[str, Any], result: dict[str, Any]) -> bool:
    """Set decoder limits; False when a stream shall not be decoded at all."""
    for track in tracks:
        context, name = track.stream.codec_context, codec_of(track.stream)
        if name not in task["codecs"]:
            result["refused_codec"] = name
            return False
        context.thread_count = 1
        if track.stream.type == "video":
            if context.width * context.height > task["max_pixels"]:
                result["refused_size"] = [context.width, context.height]
                return False
            context.options = {"max_pixels": str(task["max_pixels"])}
    return True


def main() -> None:
    task = json.loads(sys.argv[2])
    av.logging.set_level(av.logging.ERROR)
    try:
        result = inspect(sys.argv[1], task)
    except (av.error.FFmpegError, MemoryError, ValueError) as error:
        result = {"error": f"{type(error).__name__}: {error}"}
    sys.stdout.write(json.dumps(result))
    sys.stdout.flush()


if __name__ == "__main__":
    main()
