"""Which ffmpeg program is used. Nothing else looks for one."""

import os
import shutil

import imageio_ffmpeg


def ffmpeg_binary(chosen: str = "") -> str:
    """Return the path of ffmpeg: `chosen`, else the environment's FFMPEG_BINARY, else the one
    that imageio-ffmpeg ships. Raises FileNotFoundError when the named program does not exist.
    """
    named = chosen or os.environ.get("FFMPEG_BINARY", "")
    if not named:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    found = shutil.which(named)
    if found is None:
        raise FileNotFoundError(f"FFMPEG_BINARY names {named!r}, which is not a program")
    return os.path.abspath(found)
