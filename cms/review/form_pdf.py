"""The review form on paper: one lecture's reviews with names and days, to be signed and filed.

Set by typst with an embedded Chinese font; what people wrote is handed over as data.
"""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import typst
from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cms.durations import duration_text
from cms.models import LecturePage
from cms.review.models import Review, ReviewStep
from cms.review.sheet import audiences_text
from cms.review.standing import clock_text, standing_of

TEMPLATE = Path(__file__).parent / "print" / "form.typ"
FONTS = settings.BASE_DIR / "node_modules" / "@expo-google-fonts" / "noto-sans-sc"
FACES = ("400Regular", "700Bold")


def form_pdf(review: Review, *, now: dt.datetime) -> bytes:
    """The form as it stands now; `review` as `sheet.sheet_of` loads it."""
    made: bytes = typst.compile(
        TEMPLATE,
        format="pdf",
        font_paths=[FONTS / face for face in FACES],
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(form_data(review, now=now), ensure_ascii=False)},
    )
    return made


def form_data(review: Review, *, now: dt.datetime) -> dict[str, Any]:
    """All words of the form."""
    lecture: LecturePage = review.lecture.get_latest_revision_as_object()
    return {
        "heading": _("Review form for a micro lecture (three reviews, three proofreadings)"),
        "unit_line": _("Submitting unit: %(unit)s") % {"unit": review.organization.name},
        "number_line": _("Number: %(number)s") % {"number": _number(review)},
        "title": lecture.title,
        "summary": lecture.summary or "—",
        "facts": _facts(review, lecture),
        "declaration": _declaration(review),
        "steps": [_step(one) for one in review.steps.all() if one.round == review.round],
        "secrecy": _secrecy(review),
        "comments": [
            [_moment(one.second), one.text, one.author.name]
            for one in review.comments.all()
            if one.version == review.version
        ],
        "signatures": [
            _("The one in charge"),
            _("The section"),
            _("The leader"),
            _("Seal of the unit"),
        ],
        "footer": _("%(site)s · printed on %(day)s · %(state)s")
        % {
            "site": settings.SITE_FIELDS["name"],
            "day": _time(now),
            "state": standing_of(review)[0],
        },
        "labels": {
            "title": _("Title"),
            "summary": _("Summary"),
            "declaration": _("Declaration"),
            "review": _("Review"),
            "unit": _("Unit"),
            "proofread": _("Proofread"),
            "decided": _("Reviewed"),
            "opinion": _("Result and opinion"),
            "secrecy": _("Check for secrets"),
            "moment": _("Moment"),
            "comment": _("Comment"),
            "author": _("By"),
            "sign": _("Signature:"),
            "date": _("Date:              "),
        },
    }


def _facts(review: Review, lecture: LecturePage) -> list[list[str]]:
    return [
        [_("Speaker"), lecture.speaker or "—"],
        [_("Length"), duration_text(review.asset.duration) or "—"],
        [_("Subject"), str(lecture.get_subject_display())],
        [_("For whom"), audiences_text(lecture)],
        [_("Handed in by"), review.uploader.name],
        [_("Handed in"), _time(review.opened_at)],
        [_("Version"), _("%(version)s, round %(round)s") % vars(review)],
        [_("Recorded on"), date_format(lecture.recorded_on) if lecture.recorded_on else "—"],
    ]


def _step(step: ReviewStep) -> dict[str, str]:
    decided = step.decided_by is not None
    opinion = [str(step.get_state_display()) if decided else "", step.note]
    return {
        "kind": str(step.get_kind_display()),
        "unit": (step.unit or step.planned_unit).name,
        "proofread": _who(step.proofread_by, step.proofread_at),
        "decided": _who(step.decided_by, step.decided_at),
        "opinion": "\n".join(filter(None, opinion)) or "—",
    }


def _declaration(review: Review) -> str:
    if review.declared_at is None:
        return _("Not handed in by the form; see the check for secrets.")
    return _(
        "%(name)s declared on %(day)s: no state secrets, no work secrets, nothing internal and "
        "nothing private; everybody shown agrees to the publication."
    ) % {"name": review.uploader.name, "day": _time(review.declared_at)}


def _secrecy(review: Review) -> str:
    if review.secrecy_by is None:
        return _("Not made yet")
    return _("%(name)s, %(day)s: nothing secret found") % {
        "name": review.secrecy_by.name,
        "day": _time(review.secrecy_at),
    }


def _who(person: Any, at: dt.datetime | None) -> str:
    return f"{person.name}\n{_time(at)}" if person is not None else "—"


def _moment(second: float | None) -> str:
    if second is None:
        return pgettext("comment", "whole")
    return clock_text(second)


def _number(review: Review) -> str:
    return f"{timezone.localtime(review.opened_at):%Y}-{review.lecture_id:06d}"


def _time(moment: dt.datetime | None) -> str:
    return date_format(timezone.localtime(moment), "Y-m-d H:i") if moment else ""
