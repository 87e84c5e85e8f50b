"""The figures on the first page of the admin: reviews, processing, storage, this month.

Each is of the units where the keeper works (`PUBLISHERS`), counted, with the list that it stands
for. A fixed number of queries, whatever there is in them.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Exists, Min, OuterRef, Q, Sum
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cms.explorer import lecture_list_url, reviews_listed, reviews_url
from cms.models import LecturePage
from cms.permissions import PUBLISHERS
from cms.programme.models import LectureActivity
from cms.recording_queue import recordings_in_work
from cms.recordings import recordings_visible_to
from cms.review.models import Review, ReviewStep
from cms.review.queue import waiting_count
from cms.standing import Standing
from media_pipeline.models import TranscodeJob, VideoAsset
from media_pipeline.store import room_left
from organizations import scope
from organizations.models import Organization

State = VideoAsset.State
# A film of an hour while it is made; below that uploads will soon be turned away.
ROOM_WANTED = 10 * 1024**3


@dataclass(frozen=True)
class Figure:
    """`text` is the number with its unit. An urgent one waits for somebody."""

    label: str
    text: str
    url: str = ""
    is_urgent: bool = False


@dataclass(frozen=True)
class Group:
    title: str
    icon: str
    figures: list[Figure]
    note: str = ""


def desk(user: Any, *, now: dt.datetime) -> list[Group]:
    units = scope.managed_units(user, roles=PUBLISHERS)
    return [
        _reviews(user, now),
        _processing(user),
        _storage(user, units),
        _month(units, timezone.localdate(now)),
    ]


def _reviews(user: Any, now: dt.datetime) -> Group:
    reviewing, sent_back = Review.State.REVIEWING, Review.State.SENT_BACK
    counted = reviews_listed(user).aggregate(
        reviewing=Count("pk", filter=Q(state=reviewing)),
        sent_back=Count("pk", filter=Q(state=sent_back)),
    )
    opened = ReviewStep.objects.filter(
        review__in=reviews_listed(user).filter(state=reviewing).values("pk"),
        state=ReviewStep.State.OPEN,
    ).aggregate(first=Min("opened_at"))["first"]
    mine = waiting_count(user)
    days = (now - opened).days if opened else 0
    return Group(
        _("Reviews"),
        "circle-check",
        [
            Figure(_("Waiting for me"), _lectures(mine), reverse("review:queue"), mine > 0),
            Figure(
                _("In review in my units"), _lectures(counted["reviewing"]), reviews_url(reviewing)
            ),
            Figure(
                _("Sent back to their authors"),
                _lectures(counted["sent_back"]),
                reviews_url(sent_back),
            ),
        ],
        ngettext(
            "The oldest has waited for %(count)d day.",
            "The oldest has waited for %(count)d days.",
            days,
        )
        % {"count": days}
        if days
        else "",
    )


def _processing(user: Any) -> Group:
    running = TranscodeJob.objects.full().filter(
        asset=OuterRef("pk"), state=TranscodeJob.State.RUNNING
    )
    processing = Q(state=State.PROCESSING)
    counted = (
        recordings_in_work(user)
        .order_by()
        .annotate(runs=Exists(running))
        .aggregate(
            waiting=Count("pk", filter=processing & Q(runs=False)),
            running=Count("pk", filter=processing & Q(runs=True)),
            failed=Count("pk", filter=Q(state=State.FAILED)),
            refused=Count("pk", filter=Q(state=State.REFUSED)),
        )
    )
    labels = {
        "waiting": _("Waiting"),
        "running": _("Being processed"),
        "failed": _("Given up"),
        "refused": _("Refused in the last 7 days"),
    }
    index = reverse("recording-queue:index")
    return Group(
        _("Processing"),
        "tasks",
        [
            Figure(
                label,
                _recordings(counted[stage]),
                f"{index}?stage={stage}",
                stage == "failed" and counted[stage] > 0,
            )
            for stage, label in labels.items()
        ],
    )


def _storage(user: Any, units: list[Organization]) -> Group:
    """Of the units' recordings; what is left on the disk only for whoever keeps everything."""
    sums = recordings_visible_to(user).aggregate(
        ready=Count("pk", filter=Q(state=State.READY)),
        packages=Sum("package__bytes"),
        originals=Sum("size", filter=~Q(original_key="")),
    )
    figures = [
        Figure(_("Recordings that play"), _recordings(sums["ready"]), _ready_url()),
        Figure(_("Films for watching"), filesizeformat(sums["packages"] or 0)),
        Figure(_("Originals"), filesizeformat(sums["originals"] or 0)),
    ]
    left = room_left() if any(unit.is_root() for unit in units) else None
    if left is not None:
        figures.append(Figure(_("Free on the disk"), filesizeformat(left), "", left < ROOM_WANTED))
    return Group(_("Storage"), "folder", figures, _("Originals are deleted after a set time."))


def _ready_url() -> str:
    return f"{lecture_list_url()}?recording=ready"


def _month(units: list[Organization], today: dt.date) -> Group:
    first = today.replace(day=1)
    begins = dt.datetime.combine(first, dt.time(), tzinfo=timezone.get_current_timezone())
    inside = scope.units_filter(units, field="organization")
    handed_in = LecturePage.objects.filter(inside, submitted_at__gte=begins).count()
    kinds = dict(
        Standing.objects.filter(inside, since__gte=begins)
        .order_by()
        .values_list("kind")
        .annotate(number=Count("lecture", distinct=True))
    )
    held = LectureActivity.objects.filter(inside, held_on__gte=first, held_on__lte=today).aggregate(
        sessions=Count("pk"), attendances=Sum("headcount")
    )
    period = {"from": first.isoformat(), "to": today.isoformat()}
    tops = scope.outermost({unit.path for unit in units})
    top = next((unit for unit in units if len(tops) == 1 and unit.path == tops[0]), None)
    asked = urlencode({**({"unit": top.code} if top else {}), **period})
    figures_url = f"{reverse('cms:figures')}?{asked}"
    submitted = urlencode({"submitted_at_from": first.isoformat()})
    return Group(
        _("This month"),
        "calendar",
        [
            Figure(
                _("Handed in this month"), _lectures(handed_in), f"{lecture_list_url()}?{submitted}"
            ),
            *(
                Figure(str(label), _lectures(kinds.get(kind, 0)), figures_url)
                for kind, label in (
                    (Standing.Kind.PUBLISHED, _("Published")),
                    (Standing.Kind.LIBRARY, _("Taken into the library")),
                    (Standing.Kind.PREMIUM, _("Chosen as premium")),
                )
            ),
            Figure(
                _("Lecture activities"),
                _("%(sessions)d sessions, %(attendances)d attendances")
                % {"sessions": held["sessions"], "attendances": held["attendances"] or 0},
                f"{reverse('programme:figures')}?{asked}",
            ),
        ],
    )


def _lectures(number: int) -> str:
    return ngettext("%(count)d lecture", "%(count)d lectures", number) % {"count": number}


def _recordings(number: int) -> str:
    return ngettext("%(count)d recording", "%(count)d recordings", number) % {"count": number}
