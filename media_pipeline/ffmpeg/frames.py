"""Command lines that take single pictures and the voice out of a finished package. Pure.

Their input is a film that we made.
"""

from pathlib import Path

POSTER_LONG_SIDE = 640  # also what a card on a wide screen shows, twice as dense
# Browsers read every JPEG so (JFIF), whatever film it was taken from.
_FIT = (
    f"scale='if(gte(iw,ih),min(iw,{POSTER_LONG_SIDE}),-2)'"
    f":'if(gte(iw,ih),-2,min(ih,{POSTER_LONG_SIDE}))'"
    ":out_color_matrix=bt601:out_range=pc"
)
_BEGIN = ("-nostdin", "-hide_banner", "-v", "warning", "-nostats", "-protocol_whitelist", "file")


def picture_command(film: Path, picture: Path, *, second: float, binary: str) -> list[str]:
    """The picture shown at `second`, as a poster."""
    return [
        *(binary, *_BEGIN, "-ss", f"{second:.3f}", "-threads", "1", "-i", str(film)),
        *("-map", "0:v:0"),
        *("-frames:v", "1", "-vf", _FIT, "-c:v", "mjpeg", "-q:v", "7"),
        *("-f", "image2", "-update", "1", "-y", str(picture)),
    ]


def voice_command(sound: Path, voice: Path, *, binary: str) -> list[str]:
    """The voice as recognisers want it: 16 kHz, mono, 16 bit."""
    return [
        *(binary, *_BEGIN, "-i", str(sound), "-map", "0:a:0", "-ac", "1", "-ar", "16000"),
        *("-c:a", "pcm_s16le", "-f", "wav", "-y", str(voice)),
    ]
