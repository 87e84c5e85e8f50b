"""Setting the chapters of a recording. Who may do it is decided above."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from audit.log import record
from media_pipeline.chapters.models import Chapter
from media_pipeline.chapters.reading import ChapterLine, read_chapters
from media_pipeline.models import VideoAsset


@transaction.atomic
def chapters_put(*, asset: VideoAsset, text: str, actor: Any) -> list[ChapterLine]:
    """Take these lines as all chapters of the recording; without a line it has none.

    One entry in the log, none when nothing is different. Raises ChapterFault; nothing has changed
    then.
    """
    wanted = read_chapters(text, duration=asset.duration)
    VideoAsset.objects.select_for_update().get(pk=asset.pk)
    present = chapters_of(asset)
    if wanted == present:
        return wanted
    Chapter.objects.filter(asset=asset).delete()
    Chapter.objects.bulk_create(
        Chapter(asset=asset, second=one.second, title=one.title) for one in wanted
    )
    if wanted:
        record("chapters.put", actor=actor, target=asset, chapters=len(wanted))
    else:
        record("chapters.delete", actor=actor, target=asset)
    return wanted


def chapters_of(asset: VideoAsset | None) -> list[ChapterLine]:
    """In order of time. One query."""
    rows = Chapter.objects.filter(asset=asset).order_by("second")
    return [ChapterLine(*row) for row in rows.values_list("second", "title")] if asset else []
