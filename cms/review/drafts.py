"""What is typed about a recording, kept on the server as it is typed.

So it is there on another phone as well, and after a battery that ran out. A draft belongs to its
author alone and goes when it is handed in. What is typed goes its own way to the server and may
come after that, so whether a draft is over is asked of what was handed in.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.dateparse import parse_datetime

from cms.models import LecturePage
from cms.review.models import SCRIPT_LENGTH, Review, ReviewVersion, SubmissionDraft

# Name → the most that is kept of it; longer than the form takes, so that nothing typed is lost.
LENGTHS = {
    "title": 500,
    "speaker": 500,
    "recorded_on": 20,
    "subject": 20,
    # Keys with commas between them.
    "audiences": 500,
    "summary": 4_000,
    "script": 2 * SCRIPT_LENGTH,
    "asset": 36,
    # When the page was opened in which it is typed, by the server's clock.
    "opened": 40,
}


def draft_of(user: Any, lecture: LecturePage | None = None) -> SubmissionDraft | None:
    draft = SubmissionDraft.objects.filter(user=user, lecture=lecture).first()
    if draft is not None and lecture is None and _is_over(user, draft.fields):
        return None
    return draft


def typed_in(draft: SubmissionDraft | None) -> dict[str, Any]:
    """What was typed, as the form takes it."""
    fields: dict[str, Any] = dict(draft.fields) if draft else {}
    if "audiences" in fields:
        fields["audiences"] = fields["audiences"].split(",")
    return fields


@transaction.atomic
def draft_keep(
    *, user: Any, lecture: LecturePage | None, typed: Mapping[str, str], now: dt.datetime
) -> SubmissionDraft | None:
    """Keep the fields of the form as they are now; what is not named stays as it was kept.

    None for what was handed in meanwhile: what comes late brings no draft back.
    """
    if lecture is None and _is_over(user, typed):
        return None
    fields = {name: typed[name][:most] for name, most in LENGTHS.items() if name in typed}
    draft, made = SubmissionDraft.objects.select_for_update().get_or_create(
        user=user, lecture=lecture, defaults={"fields": fields, "saved_at": now}
    )
    if not made:
        draft.fields = {**draft.fields, **fields}
        draft.saved_at = now
        draft.save(update_fields=["fields", "saved_at"])
    return draft


def _is_over(user: Any, typed: Mapping[str, Any]) -> bool:
    """Whether its recording was handed in; or, typed before there was one, the next that came."""
    if typed.get("asset"):
        return _is_handed_in(typed["asset"])
    opened = _moment(typed.get("opened", ""))
    later = Review.objects.filter(uploader=user, opened_at__gt=opened) if opened else None
    return later is not None and later.exists()


def _moment(text: str) -> dt.datetime | None:
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment and moment.tzinfo else None


def _is_handed_in(name: str) -> bool:
    try:
        asset = uuid.UUID(name)
    except ValueError:
        return False
    return ReviewVersion.objects.filter(asset=asset).exists()
