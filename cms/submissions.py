"""Handing a recording in: it becomes a draft on the shelf of the submitting unit.

How a submission is shown to its author is `submission_states`; publishing is `publishing`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.log import record
from cms.curated import Audience
from cms.models import LecturePage, ShelfPage, Subject
from cms.permissions import UPLOADERS, check_can_upload
from cms.review.models import SubmissionDraft
from cms.review.rounds import review_open
from cms.shelves import shelf_for
from media_pipeline.assets import AssetInUse, asset_discard
from media_pipeline.models import VideoAsset
from organizations import scope
from organizations.models import Organization


class SubmissionError(Exception):
    """The recording cannot be handed in; the message is for the person."""


def lecture_submit(
    *,
    user: Any,
    asset: VideoAsset,
    title: str,
    speaker: str = "",
    subject: str = Subject.SKILLS,
    summary: str = "",
    recorded_on: dt.date | None = None,
    audiences: Sequence[Audience] = (),
    script: str = "",
    declared: bool = False,
    organization: Organization | None = None,
    now: dt.datetime | None = None,
) -> LecturePage:
    """Make the draft lecture of a recording and open its review, or return the one made before.

    A recording is one lecture, however often the button was pressed. It may still be in work.
    `organization` is the submitting unit, by default that of the person's post; whoever lets
    people choose it checks it first; `declared` says that the person has ticked that nothing secret
    is in it. Raises PermissionDenied, SubmissionError.
    """
    check_can_upload(user)
    if asset.owner_id != user.pk:
        raise PermissionDenied(_("This is somebody else's recording."))
    unit = organization or submitting_unit(user)
    shelf = shelf_for(unit)
    with transaction.atomic():
        asset = VideoAsset.objects.select_for_update().get(pk=asset.pk)
        page = LecturePage.objects.filter(Q(asset=asset) | Q(review__versions__asset=asset)).first()
        if page is not None:
            return page
        if asset.state == VideoAsset.State.REFUSED:
            raise SubmissionError(
                _("This recording did not pass the check. Please choose another one.")
            )
        page = LecturePage(
            title=title,
            speaker=speaker,
            subject=subject,
            summary=summary,
            recorded_on=recorded_on,
            asset=asset,
            organization=unit,
            submitted_by=user,
            submitted_at=now or timezone.now(),
            owner=user,
            live=False,
        )
        page.audiences.set(audiences)
        # The shelf's row: two drafts at once must not take the same place in the page tree.
        ShelfPage.objects.select_for_update().get(pk=shelf.pk).add_child(instance=page)
        page.save_revision(user=user)
        review_open(
            lecture=page,
            user=user,
            now=page.submitted_at,
            script=script,
            declared=declared,
        )
        SubmissionDraft.objects.filter(user=user, lecture=None).delete()
        record("lecture.submit", actor=user, target=page, asset=str(asset.pk))
    return page


def recording_discard(*, user: Any, asset: VideoAsset) -> None:
    """Delete a recording that was never handed in. Raises PermissionDenied, SubmissionError."""
    if asset.owner_id != user.pk:
        raise PermissionDenied(_("This is somebody else's recording."))
    try:
        asset_discard(asset=asset)
    except AssetInUse as problem:
        raise SubmissionError(
            _("This recording belongs to a lecture and cannot be deleted.")
        ) from problem
    record("asset.discard", actor=user, target=asset)


def submitting_unit(user: Any) -> Organization:
    """The unit for which a person hands in: of several posts the one closest to the ground."""
    units = scope.managed_units(user, roles=UPLOADERS)
    return max(units, key=lambda unit: (unit.depth, unit.path))
