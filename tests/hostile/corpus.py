"""All hostile files, and the sample that every run of the tests tries."""

from tests.hostile import damage, pictures, playlists, references, structure, timing
from tests.hostile.workshop import Hostile

FAMILIES = (playlists, references, pictures, timing, structure, damage)


def corpus() -> dict[str, Hostile]:
    """By name `family/file`, in a fixed order."""
    found: dict[str, Hostile] = {}
    for family in FAMILIES:
        for hostile in family.files():
            name = f"{hostile.family}/{hostile.name}".replace(" ", "-")
            if name in found:
                raise ValueError(f"two files are called {name}")
            found[name] = hostile
    return found


# Each family once, with the file that reaches furthest into the pipeline.
SAMPLE = (
    "playlist/hls-behind-free-box",
    "playlist/hls-to-web",
    "subtitles-in-AVI/gab2-hls-with-xbin",
    "attachment/hls-attached",
    "external-reference/mov-alias-path",
    "pixel-bomb/changing-to-a-bomb",
    "duration-bomb/two-pictures-three-hours-apart",
    "frame-rate-bomb/a-tick-apart",
    "time-stamps/to-and-fro",
    "atoms/stts-of-billions",
    "ebml/blocks-packed-by-zlib",
    "streams/two-thousand-tracks-mp4",
    "transport-stream/table-of-the-table",
    "truncation/ts-half",
    "bit-flips/mp4-seed-3",
    "polyglot/film-and-page",
    "caption-script/ass-in-mkv",
    "odd-content/turned-by-nothing",
)
