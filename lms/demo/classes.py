"""The demo's training classes: a plan of the county with its run, sessions, a text, learners by a
rule, somebody who asks to join; and a plan of the city in order. By the product's own acts.
Idempotent.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence

from django.utils import timezone

from cms.curated import LectureCollection
from cms.models import LecturePage
from lms.classes.asking import request_make
from lms.classes.attendance import attendance_set
from lms.classes.enrolling import rule_work
from lms.classes.enrolments import enrolment_create
from lms.classes.models import ClassPlan, Enrolment, EnrolmentRule, TrainingClass
from lms.classes.planning import plan_create, run_create
from lms.classes.ruling import rule_create
from lms.classes.syllabus import item_add
from lms.demo.people import BRANCH_TOWNSHIPS, HOME_TOWNSHIP
from lms.demo.units import CITY_CODE, branch_code
from organizations.models import Organization, User

CLASS_TITLE = "2026年党员网上培训示范班（演示）"
NEXT_TITLE = "村党组织书记轮训班（演示）"
REQUIRED, ELECTIVES_NEEDED = 4, 2
# Whom rules meet, and somebody of another branch who asks to join.
RULES = (HOME_TOWNSHIP, branch_code(BRANCH_TOWNSHIPS[1], 1))
ASKING = f"learner-{BRANCH_TOWNSHIPS[1]}-2-1"
SPACE = uuid.UUID("5f0c6d1e-7f0e-4a39-8f43-6d9f2b1c0a77")
TEXT = (
    "学习培训期间，请把每节课的要点记下来，结合本支部的实际想一想：哪些做法可以直接用，"
    "哪些需要先和党员商量。\n\n结业前，以支部为单位开一次交流会，每人讲一条收获。（演示）"
)


def classes_seed(pages: Sequence[LecturePage]) -> None:
    """Whatever is missing; nothing while there is nothing to learn."""
    if not pages:
        return
    county = Organization.objects.get(code=HOME_TOWNSHIP[:6])
    keeper = User.objects.get(username="county")
    run = TrainingClass.objects.filter(title=CLASS_TITLE).first()
    if run is None:
        run = _county_class(county, keeper, pages)
    _learners(run, keeper)
    _next(pages)


def _county_class(
    county: Organization, keeper: User, pages: Sequence[LecturePage]
) -> TrainingClass:
    today = timezone.localdate()
    plan = plan_create(
        user=keeper, key=uuid.uuid5(SPACE, "plan"), title=CLASS_TITLE, organization=county,
        description="学完全部必修内容，再任选两项选修，即可结业。可以分多次看，系统会记住看过的每一秒。",
        electives_needed=ELECTIVES_NEEDED,
    )  # fmt: skip
    if not plan.items.exists():
        for position, page in enumerate(pages):
            kind = "required" if position < REQUIRED else "elective"
            item_add(holder=plan, user=keeper, content="lecture", lecture=page, kind=kind)
    run = run_create(
        plan=plan, user=keeper, key=uuid.uuid5(SPACE, "run"), title=CLASS_TITLE,
        organization=county, tier=TrainingClass.Tier.DEMONSTRATION, description=plan.description,
        starts_on=today - dt.timedelta(days=7), ends_on=today + dt.timedelta(days=60),
        is_open_to_ask=True,
    )  # fmt: skip
    past, coming = (_at(today + dt.timedelta(days=days), 9) for days in (-3, 9))
    for title, start in (("开班面授（演示）", past), ("现场教学：示例东村（演示）", coming)):
        if not run.items.filter(title=title).exists():
            item_add(
                holder=run, user=keeper, content="session", title=title, kind="elective",
                starts_at=start, ends_at=start + dt.timedelta(hours=3),
                place="区委党校 201 教室（演示）", hours=4,
            )  # fmt: skip
    if not run.items.filter(content="reading").exists():
        item_add(
            holder=run, user=keeper, content="reading", title="怎样把课用到支部（演示）",
            text=TEXT, kind="elective",
        )  # fmt: skip
    return run


def _at(day: dt.date, hour: int) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time(hour)))


def _learners(run: TrainingClass, keeper: User) -> None:
    """By rules: a township and a branch of another; the session that was, ticked for some."""
    for code in RULES:
        rule = EnrolmentRule(
            uuid=uuid.uuid5(SPACE, code),
            training_class=run,
            unit=Organization.objects.get(code=code),
        )
        made = rule_create(rule=rule, user=keeper, means_everybody=True, wake=False)
        rule_work(key=made.pk)
    session = run.items.filter(content="session").order_by("position").first()
    if session is not None and not session.done.exists():
        rows = run.enrolments.filter(withdrawn_at=None).order_by("pk")
        people = list(rows.values_list("user_id", flat=True))
        attendance_set(
            item=session,
            user=keeper,
            present=set(people[:9]),
            shown=set(people),
            now=timezone.now(),
        )
    if run.is_open_to_ask and not run.requests.exists():
        one = User.objects.filter(username=ASKING).exclude(enrolments__training_class=run).first()
        if one is not None:
            request_make(training_class=run, user=one)


def _next(pages: Sequence[LecturePage]) -> None:
    """A plan of the city, in order, with a collection; its first run is to come."""
    city = Organization.objects.get(code=CITY_CODE)
    keeper = User.objects.get(username="curator")
    if ClassPlan.objects.filter(title=NEXT_TITLE).exists():
        return
    today = timezone.localdate()
    plan = plan_create(
        user=keeper, key=uuid.uuid5(SPACE, "next"), title=NEXT_TITLE, organization=city,
        description="按顺序学习；已经学过的课照样算。", is_sequential=True,
    )  # fmt: skip
    collection = LectureCollection.objects.first()
    if collection is not None:
        item_add(holder=plan, user=keeper, content="collection", collection=collection)
    else:
        item_add(holder=plan, user=keeper, content="lecture", lecture=pages[0])
    run = run_create(
        plan=plan, user=keeper, key=uuid.uuid5(SPACE, "next run"), title=NEXT_TITLE,
        organization=city, tier=TrainingClass.Tier.GENERAL, description=plan.description,
        starts_on=today + dt.timedelta(days=10), ends_on=today + dt.timedelta(days=40),
    )  # fmt: skip
    for name in ("secretary", "leader"):
        person = User.objects.get(username=name)
        enrolment_create(
            training_class=run, user=person, actor=keeper, origin=Enrolment.Origin.HAND
        )
