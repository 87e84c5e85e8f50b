"""A prefecture's worth of rows: branches and lectures in bulk, for measurements only."""

from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.utils import timezone
from wagtail.models import Page

from cms.models import LecturePage
from organizations.models import Organization, User
from tests.factories import (
    ClassItemFactory,
    EnrolmentFactory,
    LecturePageFactory,
    OrganizationFactory,
    UserFactory,
)


def crowd_start() -> tuple[User, LecturePage]:
    """A member of a branch in a class, with one lecture to watch."""
    city = OrganizationFactory(city=True, code="2113")
    county = OrganizationFactory(county=True, parent=city)
    township = OrganizationFactory(township=True, parent=county)
    branch = OrganizationFactory(parent=township)
    member = UserFactory(home=branch)
    lecture = LecturePageFactory(organization=township)
    enrolment = EnrolmentFactory(user=member)
    ClassItemFactory(training_class=enrolment.training_class, lecture=lecture)
    return member, lecture


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
    shelf = sample.get_parent()
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
                first_published_at=now,
                last_published_at=now,
            )
            for n in range(lectures)
        ],
        batch_size=500,
    )
    Page.objects.filter(pk=shelf.pk).update(numchild=start + lectures)
    fields = [field.column for field in LecturePage._meta.local_fields]
    copied = ", ".join(f"l.{name}" if name != "page_ptr_id" else "p.id" for name in fields)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO cms_lecturepage ({', '.join(fields)}) SELECT {copied} "
            "FROM wagtailcore_page p, cms_lecturepage l "
            "WHERE p.slug LIKE 'bench-%%' AND l.page_ptr_id = %s",
            [sample.pk],
        )
