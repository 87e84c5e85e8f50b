"""Small pictures for the seek bar: how many, how dense, and the WebVTT that points into them.

Pure.
"""

from dataclasses import dataclass
from math import ceil

from media_pipeline.ffmpeg.ladder import GOP_SECONDS

LONG_SIDE = 160
SECONDS_APART = float(GOP_SECONDS)  # the tiles are the film's keyframes
COLUMNS, ROWS = 6, 5
MOST_SHEETS = 4
SHEET_NAME = "story_%03d.jpg"
STORYBOARD = "storyboard.vtt"


@dataclass(frozen=True)
class StoryboardPlan:
    """Tiles of `tile_width` x `tile_height` pixels, one for each `interval` seconds of film, laid
    out row by row on sheets of `columns` x `rows`.
    """

    interval: float
    columns: int
    rows: int
    tile_width: int
    tile_height: int
    tiles: int

    @property
    def sheets(self) -> int:
        return ceil(self.tiles / (self.columns * self.rows))


def storyboard_for(*, duration: float, width: int, height: int) -> StoryboardPlan:
    """Plan for a film of `duration` seconds. From eight minutes on tiles stand further apart, so
    that a weak line loads at most four sheets.
    """
    most = COLUMNS * ROWS * MOST_SHEETS
    interval = SECONDS_APART * max(1, ceil(duration / most / SECONDS_APART))
    tiles = max(1, ceil(duration / interval))
    columns = min(COLUMNS, tiles)
    factor = min(1.0, LONG_SIDE / max(width, height))
    return StoryboardPlan(
        interval=interval,
        columns=columns,
        rows=min(ROWS, ceil(tiles / columns)),
        tile_width=max(2, 2 * round(width * factor / 2)),
        tile_height=max(2, 2 * round(height * factor / 2)),
        tiles=tiles,
    )


def storyboard_vtt(plan: StoryboardPlan, *, duration: float, sheets: int) -> str:
    """WebVTT with one cue a tile on the `sheets` there are; the last reaches to the film's end."""
    lines = ["WEBVTT", ""]
    per_sheet = plan.columns * plan.rows
    tiles = min(plan.tiles, sheets * per_sheet)
    for number in range(tiles):
        start = number * plan.interval
        end = duration if number == tiles - 1 else min(duration, start + plan.interval)
        if end <= start:
            break
        sheet, place = divmod(number, per_sheet)
        x = place % plan.columns * plan.tile_width
        y = place // plan.columns * plan.tile_height
        area = f"{x},{y},{plan.tile_width},{plan.tile_height}"
        lines += [
            f"{_clock(start)} --> {_clock(end)}",
            f"{SHEET_NAME % (sheet + 1)}#xywh={area}",
            "",
        ]
    return "\n".join(lines)


def _clock(seconds: float) -> str:
    millis = round(seconds * 1000)
    hours, rest = divmod(millis, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    return f"{hours:02d}:{minutes:02d}:{rest // 1000:02d}.{rest % 1000:03d}"
