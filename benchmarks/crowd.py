"""A prefecture's worth of rows: branches and lectures in bulk, for measurements only."""

import datetime as dt

from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.utils import timezone
from wagtail.models import Page

from cms.curated import CollectionItem, LectureCollection
from cms.models import LecturePage
from cms.programme.models import LectureActivity
from cms.standing import Standing
from media_pipeline.captions.tracks import captions_put
from media_pipeline.chapters.marks import chapters_put
from organizations.models import Organization, User
from tests.factories import (
    ActivityFactory,
    AudienceFactory,
    ClassItemFactory,
    CollectionFactory,
    EnquiryFactory,
    EnrolmentFactory,
    LecturePageFactory,
    MenuFactory,
    OrganizationFactory,
    ProductionFactory,
    ProgrammeFactory,
    SpeakerFactory,
    TopicFactory,
    UserFactory,
)


def crowd_start() -> tuple[User, LecturePage]:
    """A curator who belongs to a branch and learns in a class, with one lecture to watch; it
    stands on every list, in a collection and on a menu.
    """
    city = OrganizationFactory(city=True, code="2113")
    county = OrganizationFactory(county=True, parent=city)
    township = OrganizationFactory(township=True, parent=county)
    branch = OrganizationFactory(parent=township)
    member = UserFactory(home=branch, curator=True, unit=county, is_demo=True)
    lecture = LecturePageFactory(organization=township)
    enrolment = EnrolmentFactory(user=member)
    ClassItemFactory(training_class=enrolment.training_class, lecture=lecture)
    lecture.topics.set([TopicFactory()])
    lecture.audiences.set([AudienceFactory()])
    lecture.speakers.set([SpeakerFactory(organization=county)])
    # It meets every filter that is asked for.
    lecture.is_in_library = lecture.is_premium = True
    lecture.save()
    CollectionFactory(organization=county, lectures=[lecture])
    MenuFactory(organization=county, lectures=[lecture])
    ProgrammeFactory(organization=branch, lectures=[lecture])
    ActivityFactory(organization=branch, held_on=timezone.localdate())
    lecture_fill(lecture)
    return member, lecture


def lecture_fill(lecture: LecturePage) -> None:
    """All that a lecture's page shows if there is some: what is said, chapters, answered questions
    and the next part of a production.
    """
    assert lecture.asset is not None
    now, owner = timezone.now(), lecture.asset.owner
    cues = [
        f"00:00:{second:02},000 --> 00:00:{second + 1:02},000\n同志们好，第{second}句。\n"
        for second in range(59)
    ]
    captions_put(asset=lecture.asset, data="\n".join(cues).encode(), actor=owner, now=now)
    chapters_put(asset=lecture.asset, text="0:00 开场\n0:20 要点\n0:40 小结", actor=owner)
    for _ in range(3):
        EnquiryFactory(lecture=lecture, published=True)
    lecture.production, lecture.part = ProductionFactory(organization=lecture.organization), 1
    lecture.save()
    LecturePageFactory(organization=lecture.organization, production=lecture.production, part=2)


def crowd_fill(sample: LecturePage, *, lectures: int, branches: int) -> None:
    """Copies of the sample lecture on its shelf, and branches below its township."""
    township = Organization.objects.get(pk=sample.organization_id)
    first = township.get_children_count() + 1
    Organization.objects.bulk_create(
        Organization(
            path=Organization._get_path(township.path, township.depth + 1, first + n),
            depth=township.depth + 1,
            code=f"bench-{n}",
            name=f"示例支部{n}",
            kind=Organization.Kind.BRANCH,
        )
        for n in range(branches)
    )
    Organization.objects.filter(pk=township.pk).update(numchild=first + branches)
    shelf = sample.get_parent(update=True)
    start, now = shelf.numchild + 1, timezone.now()
    content_type = ContentType.objects.get_for_model(LecturePage)
    Page.objects.bulk_create(
        [
            Page(
                path=Page._get_path(shelf.path, shelf.depth + 1, start + n),
                depth=shelf.depth + 1,
                url_path=f"{shelf.url_path}bench-{n}/",
                slug=f"bench-{n}",
                title=f"示例微党课{n}",
                draft_title=f"示例微党课{n}",
                content_type=content_type,
                locale_id=sample.locale_id,
                live=True,
                first_published_at=now - dt.timedelta(minutes=n),
                last_published_at=now,
            )
            for n in range(lectures)
        ],
        batch_size=500,
    )
    Page.objects.filter(pk=shelf.pk).update(numchild=start + lectures)
    fields = [field.column for field in LecturePage._meta.local_fields]
    # Its production has two parts, and not ten thousand.
    others = {"page_ptr_id": "p.id", "production_id": "NULL", "part": "NULL"}
    copied = ", ".join(others.get(name, f"l.{name}") for name in fields)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO cms_lecturepage ({', '.join(fields)}) SELECT {copied} "
            "FROM wagtailcore_page p, cms_lecturepage l "
            "WHERE p.slug LIKE 'bench-%%' AND l.page_ptr_id = %s",
            [sample.pk],
        )
    lists_fill(sample)


def lists_fill(sample: LecturePage) -> None:
    """Every lecture on the lists of the sample, with all three decisions in force, in parts."""
    keys = list(
        LecturePage.objects.exclude(pk=sample.pk).order_by("pk").values_list("pk", flat=True)
    )
    for name in ("topics", "audiences", "speakers"):
        link = getattr(LecturePage, name).through
        field = LecturePage._meta.get_field(name).m2m_reverse_name()
        listed = getattr(sample, name).get().pk
        link.objects.bulk_create(
            [link(lecturepage_id=pk, **{field: listed}) for pk in keys], batch_size=2000
        )
    Standing.objects.bulk_create(
        [
            Standing(
                lecture_id=pk,
                kind=kind,
                organization_id=sample.organization_id,
                since=timezone.now(),
            )
            for pk in [sample.pk, *keys]
            for kind in Standing.Kind.values
        ],
        batch_size=2000,
    )
    LecturePage.objects.update(is_in_library=True, is_premium=True)
    collection = LectureCollection.objects.get()
    CollectionItem.objects.bulk_create(
        CollectionItem(collection=collection, lecture_id=pk, position=place)
        for place, pk in enumerate(keys[:300], 1)
    )
    branches = Organization.objects.filter(code__startswith="bench-").values_list("pk", flat=True)
    LectureActivity.objects.bulk_create(
        [
            LectureActivity(
                organization_id=pk,
                held_on=timezone.localdate(),
                title="示例党课",
                speaker="示例",
                place="村部",
                headcount=20,
            )
            for pk in branches
        ],
        batch_size=2000,
    )
