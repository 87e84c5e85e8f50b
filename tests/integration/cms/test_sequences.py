"""What comes next where one comes from."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cms.models import LecturePage
from tests.factories import (
    CollectionFactory,
    EnquiryFactory,
    LecturePageFactory,
    MenuFactory,
    ProductionFactory,
    ProgrammeFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def member(client: Client, units: SimpleNamespace) -> Client:
    client.force_login(UserFactory(home=units.branch))
    return client


def lecture(title: str) -> LecturePage:
    return LecturePage.objects.get(title=title)


def following(client: Client, page: LecturePage, row: str = "") -> Any:
    found = client.get(page.get_url(), {"in": row} if row else {}).context["next_lecture"]
    return (found.card.title, found.card.url, found.title) if found else None


@pytest.mark.parametrize("kind", ["collection", "menu"])
def test_the_next_of_a_row_that_everybody_sees_skips_what_is_not_published(
    member: Client, units: SimpleNamespace, kind: str
) -> None:
    make = {"collection": CollectionFactory, "menu": MenuFactory}[kind]
    found = make(organization=units.county, title="春耕专题", titles=["一讲", "二讲", "三讲"])
    lecture("二讲").unpublish()
    row = f"{kind}-{found.pk}"
    page = member.get(reverse(f"{'cms' if kind == 'collection' else 'programme'}:{kind}",
                              args=[found.pk]))  # fmt: skip
    assert f"{lecture('一讲').get_url()}?in={row}" in page.content.decode()
    third = lecture("三讲")
    assert following(member, lecture("一讲"), row) == (
        "三讲",
        f"{third.get_url()}?in={row}",
        "春耕专题",
    )
    assert following(member, third, row) is None


def test_a_programme_leads_on_for_its_branch_only(client: Client, units: SimpleNamespace) -> None:
    programme = ProgrammeFactory(organization=units.branch, titles=["一讲", "二讲"])
    row = f"programme-{programme.pk}"
    client.force_login(UserFactory(home=units.branch))
    assert f"?in={row}" in client.get(reverse("programme:programme", args=[programme.pk])).text
    found = following(client, lecture("一讲"), row)
    assert found is not None
    assert found[0] == "二讲"
    client.force_login(UserFactory(home=units.line_branch))
    assert following(client, lecture("一讲"), row) is None


def test_a_part_of_a_production_leads_to_the_next_part_by_itself(
    member: Client, units: SimpleNamespace
) -> None:
    production = ProductionFactory(organization=units.county, title="振兴三部曲")
    parts = [
        LecturePageFactory(organization=units.county, production=production, part=n) for n in (1, 2)
    ]
    found = following(member, parts[0])
    assert found is not None
    assert found[::2] == (parts[1].title, "振兴三部曲")
    assert following(member, parts[1]) is None


@pytest.mark.parametrize("row", ["collection-999", "nothing-1", "collection-x", "menu-１"])
def test_a_row_that_is_not_there_leads_nowhere(
    member: Client, units: SimpleNamespace, row: str
) -> None:
    assert following(member, LecturePageFactory(organization=units.township), row) is None


def test_what_comes_next_is_not_among_more_lectures(member: Client, units: SimpleNamespace) -> None:
    found = CollectionFactory(organization=units.county, titles=["一讲", "二讲", "三讲"])
    page = member.get(lecture("一讲").get_url(), {"in": f"collection-{found.pk}"})
    assert [card.title for card in page.context["more_lectures"]] == ["三讲"]


def test_a_page_with_everything_beside_it_keeps_to_its_queries(
    member: Client, units: SimpleNamespace
) -> None:
    found = CollectionFactory(organization=units.county, titles=["一讲", "二讲"])
    page = lecture("一讲")
    LecturePage.objects.update(production=ProductionFactory(organization=units.county))
    EnquiryFactory.create_batch(4, lecture=page, published=True)
    address = f"{page.get_url()}?in=collection-{found.pk}"
    member.get(address)
    with CaptureQueriesContext(connection) as seen:
        assert member.get(address).context["next_lecture"]
    assert len(seen) <= 15, "\n".join(one["sql"][:160] for one in seen)
