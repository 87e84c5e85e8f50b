"""Command lines that take single pictures and the voice out of a finished package. Pure.

Their input is a film that we made and verified; outputs are named by absolute paths.
"""

from pathlib import Path

POSTER_LONG_SIDE = 640  # also what a card on a wide screen shows, twice as dense
LOOK_LONG_SIDE = 320
_BEGIN = ("-nostdin", "-hide_banner", "-v", "warning", "-nostats", "-protocol_whitelist", "file")


def look_command(film: Path, *, every: float, binary: str) -> list[str]:
    """Print what the keyframes look like, one in `every` seconds; `poster_choice` reads it."""
    # The last part of the graph prints to standard output.
    graph = ",".join(
        (
            f"select='isnan(prev_selected_t)+gte(t-prev_selected_t,{every:g})'",
            _fit(LOOK_LONG_SIDE),
            "format=gray",
            "signalstats",
            "entropy",
            "blurdetect=block_width=32:block_height=32:block_pct=80",
            "metadata=mode=print:file=-",
        )
    )
    return [
        *(binary, *_BEGIN, "-skip_frame", "nokey", "-i", str(film), "-map", "0:v:0"),
        *("-vf", graph, "-fps_mode", "passthrough", "-f", "null", "-"),
    ]


def picture_command(film: Path, picture: Path, *, second: float, binary: str) -> list[str]:
    """The picture shown at `second`, as a poster."""
    return [
        *(binary, *_BEGIN, "-ss", f"{second:.3f}", "-i", str(film), "-map", "0:v:0"),
        *("-frames:v", "1", "-vf", _fit(POSTER_LONG_SIDE), "-c:v", "mjpeg", "-q:v", "7"),
        *("-f", "image2", "-update", "1", "-y", str(picture)),
    ]


def voice_command(sound: Path, voice: Path, *, binary: str) -> list[str]:
    """The voice as recognisers want it: 16 kHz, mono, 16 bit."""
    return [
        *(binary, *_BEGIN, "-i", str(sound), "-map", "0:a:0", "-ac", "1", "-ar", "16000"),
        *("-c:a", "pcm_s16le", "-f", "wav", "-y", str(voice)),
    ]


def _fit(long_side: int) -> str:
    """Scaled so that the longer side is at most `long_side`, in the film's shape."""
    return f"scale='if(gte(iw,ih),min(iw,{long_side}),-2)':'if(gte(iw,ih),-2,min(ih,{long_side}))'"
