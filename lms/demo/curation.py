"""What the demo's curators made of its lectures, and what branches did with them.

Lists, a collection, menus, decisions, a programme and lecture activities; all marked 演示. By the
product's own acts where there is one. Idempotent.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.utils import timezone

from cms.curated import (
    Audience,
    Base,
    CollectionItem,
    LectureCollection,
    Production,
    Speaker,
    Topic,
)
from cms.decisions import lecture_decide
from cms.models import LecturePage
from cms.programme.activities import activity_log
from cms.programme.models import LectureActivity, Menu, MenuItem, Programme
from cms.programme.ordering import menu_order
from cms.standing import Standing
from lms.demo.units import CITY_CODE, HOME_TOWNSHIP, branch_code
from organizations.models import Organization, Tag, User

TOPICS = ("乡村振兴", "基层治理", "组织生活", "安全生产", "红色传承")
# For whom each is: members with one of the tags.
AUDIENCES = {
    "农村党员": (Tag.Value.RURAL,),
    "社区党员": (Tag.Value.COMMUNITY,),
    "流动党员": (Tag.Value.FLOATING_OUT, Tag.Value.FLOATING_IN),
    "党支部书记": (Tag.Value.SECRETARY,),
}
# Title of a lecture's beginning → its topic, and for whom it is meant.
ABOUT = {
    "防范电信诈骗": ("基层治理", ("农村党员", "社区党员")),
    "设施大棚": ("乡村振兴", ("农村党员",)),
    "主题党日": ("组织生活", ("党支部书记",)),
    "谷子": ("乡村振兴", ("农村党员",)),
    "流动党员": ("组织生活", ("流动党员",)),
    "苹果树": ("乡村振兴", ("农村党员",)),
    "小区停车": ("基层治理", ("社区党员",)),
    "邻里": ("基层治理", ("农村党员", "社区党员")),
    "森林防火": ("安全生产", ("农村党员",)),
    "支部会议": ("组织生活", ("党支部书记",)),
    "一次红色": ("红色传承", ("党支部书记",)),
    "读原著": ("红色传承", ("党支部书记", "社区党员")),
    "党章": ("组织生活", ("党支部书记", "农村党员")),
}
MENUS = {
    "冬春训实用技术菜单（演示）": "农村党员",
    "支部书记业务菜单（演示）": "党支部书记",
    "社区党员菜单（演示）": "社区党员",
}
HELD = (
    ("学习党章 永葆初心（演示）", "演示主讲人·丙", "村党群服务中心（演示）", 36, 9),
    ("果树冬剪现场党课（演示）", "演示主讲人·己", "村果园（演示）", 21, 23),
    ("防范电信诈骗（演示）", "演示主讲人·甲", "社区活动室（演示）", 48, 40),
)


def curation_seed(lectures: Sequence[LecturePage]) -> None:
    city = Organization.objects.get(code=CITY_CODE)
    curator = User.objects.get(username="curator")
    topics = {
        name: Topic.objects.get_or_create(name=name, defaults={"position": place})[0]
        for place, name in enumerate(TOPICS)
    }
    audiences = {
        name: Audience.objects.get_or_create(
            name=name, defaults={"position": place, "tags": list(tags)}
        )[0]
        for place, (name, tags) in enumerate(AUDIENCES.items())
    }
    base, _made = Base.objects.get_or_create(
        name="演示实训基地",
        organization=city,
        defaults={
            "level": Base.Level.COUNTY,
            "place": "演示地址",
            "introduction": "演示用，非真实场所。",
        },
    )
    series, _made = Production.objects.get_or_create(
        title="支部工作系列（演示）", organization=city
    )
    for lecture in lectures:
        _place(lecture, city, topics, audiences, base, series)
    _decide(lectures, curator)
    _collection(lectures, city)
    _menus(lectures, city, audiences)
    _branch()


def _place(
    lecture: LecturePage,
    city: Organization,
    topics: dict[str, Topic],
    audiences: dict[str, Audience],
    base: Base,
    series: Production,
) -> None:
    """On its lists; once, so that what somebody changes by hand stays."""
    if lecture.topics.exists():
        return
    topic, meant = next(
        (about for start, about in ABOUT.items() if lecture.title.startswith(start)),
        ("基层治理", ("农村党员",)),
    )
    speaker, _made = Speaker.objects.get_or_create(
        name=lecture.speaker, organization=city, defaults={"office": "演示用，并非真人"}
    )
    lecture.topics.set([topics[topic]])
    lecture.audiences.set([audiences[name] for name in meant])
    lecture.speakers.set([speaker])
    if topic == "乡村振兴":
        lecture.base = base
    if topic == "组织生活":
        lecture.production = series
    lecture.save()
    # The next draft begins with these too.
    lecture.save_revision().publish()


def _decide(lectures: Sequence[LecturePage], curator: User) -> None:
    if Standing.objects.filter(kind=Standing.Kind.LIBRARY).exists():
        return
    for number, lecture in enumerate(lectures):
        if number % 3 != 2:
            lecture_decide(lecture=lecture, kind=Standing.Kind.LIBRARY, user=curator)
        if number % 4 == 1:
            lecture_decide(lecture=lecture, kind=Standing.Kind.PREMIUM, user=curator)
        if number % 6 == 0:
            lecture_decide(lecture=lecture, kind=Standing.Kind.OPEN, user=curator)


def _collection(lectures: Sequence[LecturePage], city: Organization) -> None:
    collection, made = LectureCollection.objects.get_or_create(
        title="冬春训专题（演示）",
        organization=city,
        defaults={
            "introduction": "农闲时节集中学：技术、安全、邻里事，一节一节往下看。",
            "position": 1,
        },
    )
    if made:
        CollectionItem.objects.bulk_create(
            CollectionItem(collection=collection, lecture=lecture, position=position)
            for position, lecture in enumerate(lectures[:6])
        )


def _menus(
    lectures: Sequence[LecturePage], city: Organization, audiences: dict[str, Audience]
) -> None:
    for title, name in MENUS.items():
        menu, made = Menu.objects.get_or_create(
            title=title,
            organization=city,
            defaults={
                "audience": audiences[name],
                "introduction": "市委组织部门配好的一组课，支部选定日期即可点单。",
            },
        )
        if made:
            meant = [one for one in lectures if one.audiences.filter(name=name).exists()]
            MenuItem.objects.bulk_create(
                MenuItem(menu=menu, lecture=lecture, position=position)
                for position, lecture in enumerate(meant[:5])
            )


def _branch() -> None:
    """The demo secretary's branch ordered a menu and held lectures."""
    branch = Organization.objects.get(code=branch_code(HOME_TOWNSHIP, 1))
    secretary, today = User.objects.get(username="secretary"), timezone.localdate()
    menu = Menu.objects.filter(items__isnull=False).order_by("pk").first()
    if menu is not None and not Programme.objects.filter(organization=branch).exists():
        day = today + dt.timedelta(days=3)
        menu_order(menu=menu, organization=branch, on=day, user=secretary, today=today)
    if LectureActivity.objects.filter(organization=branch).exists():
        return
    for title, speaker, place, headcount, days in HELD:
        activity_log(
            organization=branch,
            user=secretary,
            today=today,
            held_on=today - dt.timedelta(days=days),
            title=title,
            speaker=speaker,
            place=place,
            headcount=headcount,
        )
