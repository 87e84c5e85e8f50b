"""No page of figures or classes ranks people or units by what they learnt; nor does the library
rank lectures, or count who watched or likes them.
"""

import datetime as dt
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from lms.ledger.models import HourTarget
from tests.factories import (
    CompletionFactory,
    EnrolmentFactory,
    LecturePageFactory,
    PlaySessionFactory,
    SessionItemFactory,
    TrainingClassFactory,
    UserFactory,
)
from tests.integration.lms.reports.conftest import count

pytestmark = pytest.mark.django_db
MAIN = re.compile(r"<main.*</main>", re.S)
MARKUP = re.compile(r"<script.*?</script>|<[^>]+>", re.S)


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def people(units):
    """In the order of unit and name, which is neither that in which they came nor that of hours."""
    last = UserFactory(home=units.other_branch, name="陈三")
    second = UserFactory(home=units.branch, name="赵二")
    return [UserFactory(home=units.branch, name="王一"), second, last]


@pytest.fixture(params=[(1, 2, 3), (3, 2, 1), (2, 3, 1)])
def lessons(request):
    return request.param


@pytest.fixture
def learn(people, lessons, room, now):
    def learn(at):
        for person, number in zip(people, lessons, strict=True):
            room.put(person, at=at, minutes=45 * number, now=now)
        count(now)

    return learn


@pytest.fixture
def see(client, units):
    """The context of a page, which shows neither minutes nor places."""
    client.force_login(UserFactory(officer=True, unit=units.county))

    def see(name, *args, **asked):
        answer = client.get(reverse(name, args=args), asked)
        assert answer.status_code == 200
        [main] = MAIN.findall(answer.content.decode())
        assert not [word for word in ("分钟", "排名", "排行", "名次") if word in main]
        return answer.context

    return see


def this_month(now) -> dict[str, str]:
    month = timezone.localtime(now).strftime("%Y-%m")
    return {"from": month, "to": month}


def test_who_learnt_nothing_this_month(see, people, learn, now):
    learn(timezone.localtime(now).replace(day=1) - dt.timedelta(days=2))
    found = see("reports:missing", **this_month(now))["people"]
    assert [one["pk"] for one in found] == [one.pk for one in people]


def test_who_has_not_reached_the_target(see, people, lessons, learn, now):
    HourTarget.objects.create(year=timezone.localdate(now).year, category="member", hours=40)
    learn(now)
    found = see("reports:missing", of="target")["people"]
    assert [(one["pk"], one["counts"]) for one in found] == [
        (one.pk, str(number)) for one, number in zip(people, lessons, strict=True)
    ]


def test_units_and_rows(see, units, people, lessons, learn, now):
    learn(now)
    rows = see("reports:overview", **this_month(now))["rows"]
    assert [(one.name, one.figures.hours) for one in rows] == [
        (units.township.name, 100 * (lessons[0] + lessons[1])),
        (units.sibling.name, 100 * lessons[2]),
    ]
    rows = see("reports:rows", **this_month(now))["rows"]
    assert [one["user"] for one in rows] == [one.pk for one in people]


def test_learners_of_a_class(see, units, people, learn, now):
    learn(now)
    run = TrainingClassFactory(organization=units.county)
    session = SessionItemFactory(training_class=run)
    for person in people:
        branch = person.memberships.get().organization
        EnrolmentFactory(training_class=run, user=person, organization=branch)
    order = [one.pk for one in people]
    for page in (("classes:people", run.pk), ("classes:session", run.pk, session.pk)):
        assert [row["one"].user_id for row in see(*page)["rows"]] == order
    assert [one["pk"] for one in see("reports:class_missing", run.pk)["people"]] == order
    found = see("reports:class", run.pk)["rows"]
    assert [one["name"] for one in found] == [units.township.name, units.sibling.name]


@pytest.mark.parametrize("page", ["library", "lecture"])
def test_lectures_look_the_same_whatever_others_learnt(client, units, now, page):
    lectures = [
        LecturePageFactory(
            organization=units.township,
            title=f"示例{number}",
            first_published_at=now - dt.timedelta(days=30 + number),
        )
        for number in range(3)
    ]
    address = "/library/" if page == "library" else lectures[0].get_url()
    client.force_login(UserFactory(home=units.branch))

    def words():
        [main] = MAIN.findall(client.get(address).content.decode())
        return MARKUP.sub(" ", main).split()

    before = words()
    # Most of all the oldest.
    for times, lecture in enumerate(lectures):
        for _ in range(times + 1):
            completion = CompletionFactory(lecture=lecture)
            PlaySessionFactory(lecture=lecture, user=completion.user)
    assert words() == before
    assert not [
        word for word in ("赞", "排名", "排行", "播放量", "次播放") if word in "".join(before)
    ]
    if page == "library":
        titles = [one.title for one in lectures]
        assert list(dict.fromkeys(word for word in before if word in titles)) == titles
