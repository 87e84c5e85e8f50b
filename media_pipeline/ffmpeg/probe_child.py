"""Opens an untrusted file with PyAV and prints what it found as one JSON object.

Run by path in a sandbox by `probe`, never imported. It reports and judges nothing: a file that
cannot be opened is `{"error": …}`, and a crash of this process is an answer as well. Nothing of the
project is imported here, so that it runs with `python -I` and needs little memory.
"""

import json
import sys
from array import array
from itertools import pairwise
from typing import Any

ENVIRONMENT_BROKEN = 3  # exit status: not the file's fault
ATTACHED_PICTURE = 1024  # AV_DISPOSITION_ATTACHED_PIC
PACKETS_UNTIL_FRAME = 600
BLANK = bytes(16)

try:
    import av
    import av.error
except (ImportError, OSError) as error:
    sys.stderr.write(f"probe: {error}\n")
    sys.exit(ENVIRONMENT_BROKEN)


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
        self.frame: Any = None

    def take(self, packet: Any) -> None:
        self.packets += 1
        self.bytes += packet.size
        self.corrupt += packet.is_corrupt
        # No codec begins a picture so; transfers that broke off leave holes of zeros.
        self.blank += packet.size >= len(BLANK) and bytes(memoryview(packet)[:16]) == BLANK
        time = packet.dts if packet.pts is None else packet.pts
        if time is None or packet.is_discard:
            return
        self.times.append(time)
        if packet.is_keyframe:
            self.keyframes.append(time)
        self.last_duration = packet.duration or self.last_duration
        if self.frame is None and self.packets <= PACKETS_UNTIL_FRAME:
            self.frame = first_frame(packet)

    def report(self) -> dict[str, Any]:
        times = sorted(self.times)
        tick = self.stream.time_base
        gaps = sorted(b - a for a, b in pairwise(times) if b > a)
        middle = gaps[len(gaps) // 2] if gaps else self.last_duration
        end = times[-1] + (middle or self.last_duration) if times else 0
        near = sum(abs(gap - middle) <= max(1, middle // 10) for gap in gaps)
        keys = sorted(self.keyframes)
        key_gaps = [b - a for a, b in pairwise([*keys, end])]
        rate = self.stream.average_rate if self.stream.type == "video" else None
        return {
            "index": self.stream.index,
            "codec": self.stream.codec_context.name,
            "profile": self.stream.profile or "",
            "packets": self.packets,
            "bytes": self.bytes,
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


def decodes_at(container: Any, stream: Any, share: float, start: float, end: float) -> bool | None:
    """Whether a frame comes out near that share of the film; None where one cannot seek."""
    at = start + (end - start) * share
    try:
        container.seek(int(at / stream.time_base), stream=stream, backward=True)
    except (av.error.FFmpegError, OverflowError):
        return None
    packets = 0
    try:
        for packet in container.demux(stream):
            packets += 1
            if first_frame(packet) is not None:
                return True
            if packets >= PACKETS_UNTIL_FRAME:
                break
    except av.error.FFmpegError:
        return False
    return None if packets <= 1 else False


def inspect(path: str, task: dict[str, Any]) -> dict[str, Any]:
    options = {
        "format_whitelist": task["format"],
        "protocol_whitelist": "file",
        "max_streams": str(task["max_streams"]),
        # For the pictures that opening a file decodes already, to know its streams.
        "codec_whitelist": ",".join(task["codecs"]),
    }
    with av.open(path, options=options, metadata_errors="replace") as container:
        films = [s for s in container.streams.video if not s.disposition & ATTACHED_PICTURE]
        result: dict[str, Any] = {
            "declared_seconds": container.duration and container.duration / 1_000_000,
            "video": None,
            "audio": None,
            "read_error": "",
        }
        if not films:
            return result
        best = container.streams.best("video")
        tracks = [Track(best if best in films else films[0])]
        sound = container.streams.best("audio")
        if sound is not None:
            tracks.append(Track(sound))
        if not prepare(tracks, task, result):
            return result
        by_index = {track.stream.index: track for track in tracks}
        try:
            for packet in container.demux([track.stream for track in tracks]):
                if packet.size:
                    track = by_index[packet.stream.index]
                    track.take(packet)
                    if track.packets > task["max_packets"]:
                        result["too_many_packets"] = track.packets
                        return result
        except av.error.FFmpegError as error:
            result["read_error"] = str(error)
        result["video"] = {**tracks[0].report(), **picture(tracks[0])}
        if sound is not None:
            context: Any = sound.codec_context
            result["audio"] = {
                **tracks[1].report(),
                "channels": context.channels,
                "rate": context.sample_rate,
            }
        video = result["video"]
        if video["decodes"] and video["end"] - video["start"] > 2:
            video["spots"] = [
                decodes_at(container, tracks[0].stream, share, video["start"], video["end"])
                for share in (0.5, 0.9)
            ]
        return result


def prepare(tracks: list[Track], task: dict[str, Any], result: dict[str, Any]) -> bool:
    """Set decoder limits; False when a stream shall not be decoded at all."""
    for track in tracks:
        context = track.stream.codec_context
        name = context.name if context is not None else "unknown"
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
