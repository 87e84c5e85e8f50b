"""Opens pieces of a finished package with PyAV, as a player would, and prints what it saw.

Run by path in a sandbox by `package`, never imported. Takes a JSON list of pieces, each a list of
file paths that make one stream when joined; prints a list of
`{"video": [codec, width, height] | null, "audio": codec | null, "seconds": float | null}` or
`{"error": text}`.
"""

import io
import json
import sys
from typing import Any

import av
import av.error


def look(paths: list[str]) -> dict[str, Any]:
    # A progressive MP4 is opened by its path, not read into memory.
    data: Any = paths[0] if len(paths) == 1 else io.BytesIO(b"".join(map(read, paths)))
    with av.open(data, options={"format_whitelist": "mov", "protocol_whitelist": "file"}) as film:
        seen: dict[str, Any] = {
            "video": None,
            "audio": None,
            "seconds": film.duration / 1_000_000 if film.duration else None,
        }
        for stream in film.streams:
            stream.codec_context.thread_count = 1
            frame: Any = next(iter(film.decode(stream)))
            name = stream.codec_context.name
            is_video = stream.type == "video"
            seen[stream.type] = [name, frame.width, frame.height] if is_video else name
            film.seek(0)
        return seen


def read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def answer(paths: list[str]) -> dict[str, Any]:
    try:
        return look(paths)
    except (av.error.FFmpegError, StopIteration, OSError) as error:
        return {"error": f"{type(error).__name__}: {error}"}


if __name__ == "__main__":
    av.logging.set_level(av.logging.ERROR)
    sys.stdout.write(json.dumps([answer(paths) for paths in json.loads(sys.argv[1])]))
