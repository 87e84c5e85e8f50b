"""Wagtail's admin follows the posts: who gets in, how far, and who sees what there."""

import datetime as dt
import json
from types import SimpleNamespace

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cms.access import access_sweep, access_sync
from cms.models import LecturePage
from cms.permissions import can_manage
from cms.review.models import Review
from cms.shelves import shelf_for
from organizations.models import Organization, Post
from tests.factories import LecturePageFactory, PostFactory, UserFactory, VideoAssetFactory
from tests.factories.reviews import reviewed, submission

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(units: SimpleNamespace) -> SimpleNamespace:
    """A draft inside and one outside the township, and the township's reviewer."""
    return SimpleNamespace(
        own=LecturePageFactory(title="本镇草稿", organization=units.branch, draft=True),
        foreign=LecturePageFactory(title="外镇草稿", organization=units.foreign, draft=True),
        sibling=LecturePageFactory(title="邻镇草稿", organization=units.sibling, draft=True),
        above=LecturePageFactory(title="县里草稿", organization=units.county, draft=True),
        reviewer=UserFactory(reviewer=True, unit=units.township),
    )


FOREIGN = ("外镇草稿", "邻镇草稿", "县里草稿")


def words(response: HttpResponse) -> str:
    """What is written in a page, or in JSON with its characters unescaped."""
    text = response.content.decode()
    if "json" in response["Content-Type"]:
        return json.dumps(json.loads(text), ensure_ascii=False)
    return text


def opens(client: Client, user) -> bool:
    client.force_login(user)
    return client.get("/admin/").status_code == 200


@pytest.mark.parametrize(
    ("role", "inside"),
    [("secretary", False), ("reviewer", True), ("curator", True), ("administrator", True)],
)
def test_the_admin_is_for_keepers(
    client: Client, units: SimpleNamespace, role: str, inside: bool
) -> None:
    assert opens(client, UserFactory(**{role: True}, unit=units.county)) is inside


def test_members_are_told_that_the_admin_is_not_for_them(
    client: Client, units: SimpleNamespace
) -> None:
    client.force_login(UserFactory(home=units.branch))
    response = client.get("/admin/", follow=True)
    assert response.status_code == 403
    assert response.redirect_chain == [("/admin/login/?next=/admin/", 302)]


def test_strangers_sign_in_on_the_products_own_page(client: Client) -> None:
    response = client.get("/admin/", follow=True)
    assert response.redirect_chain[-1][0] == "/accounts/login/?next=/admin/"


def test_a_post_that_ended_loses_access_at_once(client: Client, units: SimpleNamespace) -> None:
    user = UserFactory(reviewer=True, unit=units.township)
    post = user.posts.get()
    post.valid_to = timezone.localdate()
    post.save()
    assert not opens(client, user)


def test_the_sweep_finds_posts_that_began_or_ended_by_their_date(
    client: Client, units: SimpleNamespace
) -> None:
    leaving = UserFactory(reviewer=True, unit=units.township)
    coming = UserFactory()
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    PostFactory(user=coming, organization=units.county, role=Post.Role.CURATOR, valid_from=tomorrow)
    assert access_sweep() == 0
    Post.objects.filter(user=leaving).update(valid_to=timezone.localdate())
    Post.objects.filter(user=coming).update(valid_from=timezone.localdate())
    assert access_sweep() == 2
    assert access_sweep() == 0
    assert not opens(client, leaving)
    assert opens(client, coming)


def test_syncing_again_changes_nothing(units: SimpleNamespace) -> None:
    user = UserFactory(curator=True, unit=units.city)
    assert access_sync(user) is False


def test_other_groups_of_a_person_are_left_alone(units: SimpleNamespace) -> None:
    from django.contrib.auth.models import Group

    user = UserFactory(reviewer=True, unit=units.township)
    user.groups.add(Group.objects.create(name="something else"))
    user.posts.all().delete()
    assert list(user.groups.values_list("name", flat=True)) == ["something else"]


def test_a_reviewer_of_a_branch_gets_no_township(client: Client, units: SimpleNamespace) -> None:
    """The branch has no shelf of its own; its township's is beyond the post."""
    user = UserFactory(reviewer=True, unit=units.branch)
    assert not opens(client, user)
    assert not can_manage(user)
    assert client.get("/admin/", follow=True).status_code == 403


def test_access_moves_with_the_unit(
    client: Client, units: SimpleNamespace, site: SimpleNamespace
) -> None:
    from cms.shelves import shelves_follow

    other_county = Organization.objects.get(pk=units.other_county.pk)
    Organization.objects.get(pk=units.township.pk).move(other_county, pos="last-child")
    shelves_follow()
    client.force_login(site.reviewer)
    assert client.get(edit(site.own)).status_code == 200
    assert client.get(edit(site.foreign)).status_code == 302


def edit(page: LecturePage) -> str:
    return reverse("wagtailadmin_pages:edit", args=[page.pk])


@pytest.mark.parametrize(
    "address",
    [
        "/admin/",
        "/admin/pages/",
        "/admin/lectures/",
        "/admin/lectures/?q=草稿",
        "/admin/pages/search/?q=草稿",
        "/admin/api/main/pages/?for_explorer=1",
        "/admin/choose-page/",
        "/admin/choose-page/?page_type=cms.lecturepage",
        "/admin/reports/site-history/",
        "/admin/pages/usage/cms/lecturepage/",
    ],
)
def test_lists_hold_only_what_the_reviewer_is_responsible_for(
    client: Client, site: SimpleNamespace, address: str
) -> None:
    client.force_login(site.reviewer)
    page = words(client.get(address, follow=True))
    assert not any(title in page for title in FOREIGN)


@pytest.mark.parametrize("address", ["/admin/", "/admin/lectures/", "/admin/lectures/?q=本镇"])
def test_lists_hold_the_reviewers_own_drafts(
    client: Client, site: SimpleNamespace, address: str
) -> None:
    for draft in (site.own, site.foreign, site.sibling, site.above):
        reviewed(draft)
    Review.objects.update(state=Review.State.REVIEWING)
    client.force_login(site.reviewer)
    assert "本镇草稿" in client.get(address).content.decode()


@pytest.mark.parametrize(
    "address",
    ["/admin/pages/{shelf}/", "/admin/reports/site-history/", "/admin/reports/locked/"],
)
def test_filters_name_nobody_outside_the_scope(
    client: Client, units: SimpleNamespace, site: SimpleNamespace, address: str
) -> None:
    site.foreign.owner = UserFactory(name="外镇作者")
    site.foreign.save_revision(user=site.foreign.owner, log_action=True)
    site.foreign.locked, site.foreign.locked_by = True, site.foreign.owner
    site.foreign.save()
    client.force_login(UserFactory(curator=True, unit=units.township))
    page = words(client.get(address.format(shelf=shelf_for(units.township).pk)))
    assert "外镇作者" not in page
    assert "admin" in page  # it did open


@pytest.mark.parametrize(("page", "to"), [("foreign", "township"), ("own", "foreign")])
def test_a_move_across_shelves_is_refused_before_it_is_confirmed(
    client: Client, units: SimpleNamespace, site: SimpleNamespace, page: str, to: str
) -> None:
    client.force_login(UserFactory(curator=True, unit=units.township))
    lecture = getattr(site, page)
    shelf = shelf_for(getattr(units, to))
    address = reverse("wagtailadmin_pages:move_confirm", args=[lecture.pk, shelf.pk])
    for response in (client.get(address), client.post(address)):
        assert response.status_code == 404
        assert lecture.title not in words(response)
    lecture.refresh_from_db()
    unit = {"foreign": units.foreign, "own": units.branch}[page]
    assert lecture.organization_id == unit.pk


def test_people_cannot_be_asked_for_in_bulk(client: Client, site: SimpleNamespace) -> None:
    """The number of a page that one keeps opens nothing about the person of that number."""
    client.force_login(site.reviewer)
    address = f"/admin/bulk/organizations/user/delete/?id={site.own.pk}&next=/admin/"
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("address", ["users/", "groups/", "sites/", "workflows/list/", "snippets/"])
def test_what_the_house_does_not_use_is_shut_for_everybody(client: Client, address: str) -> None:
    client.force_login(UserFactory(is_superuser=True))
    assert client.get(f"/admin/{address}").status_code == 404


def test_the_explorer_opens_at_the_reviewers_shelf(
    client: Client, units: SimpleNamespace, site: SimpleNamespace
) -> None:
    client.force_login(site.reviewer)
    shelf = shelf_for(units.township)
    response = client.get("/admin/pages/", follow=True)
    assert response.redirect_chain[-1][0] == f"/admin/pages/{shelf.pk}/"
    foreign = client.get(f"/admin/pages/{shelf_for(units.foreign).pk}/")
    assert foreign["Location"] == f"/admin/pages/{shelf.pk}/"


@pytest.mark.parametrize(
    "view",
    [
        "edit",
        "delete",
        "unpublish",
        "history",
        "usage",
        "view_draft",
        "move",
        "copy",
        "preview_on_edit",
        "convert_alias",
        "lock",
        "privacy",
    ],
)
def test_foreign_pages_do_not_open(client: Client, site: SimpleNamespace, view: str) -> None:
    site.foreign.save_revision()
    client.force_login(site.reviewer)
    name = {"privacy": "set_privacy"}.get(view, view)
    address = reverse(f"wagtailadmin_pages:{name}", args=[site.foreign.pk])
    for response in (client.get(address), client.post(address)):
        assert response.status_code in {302, 403, 404, 405}
        assert "外镇草稿" not in words(response)


@pytest.mark.parametrize(
    "address",
    [
        "/admin/choose-page/{pk}/",
        "/admin/choose-page/chosen-multiple/?id={pk}",
        "/admin/choose-page/chosen-multiple/?id=x",
        "/admin/bulk/wagtailcore/page/delete/?id={pk}&next=/admin/",
        "/admin/bulk/wagtailcore/page/publish/?id=all&childOf={parent}&next=/admin/",
        "/admin/bulk/wagtailcore/page/publish/?id=all&next=/admin/",
        "/admin/bulk/wagtailcore/page/publish/?id=²&next=/admin/",
        "/admin/api/main/pages/{pk}/",
        "/admin/api/main/images/",
    ],
)
def test_trying_ids_tells_nothing(client: Client, site: SimpleNamespace, address: str) -> None:
    client.force_login(site.reviewer)
    foreign = site.foreign
    response = client.get(address.format(pk=foreign.pk, parent=foreign.get_parent().pk))
    assert response.status_code == 404
    assert "外镇草稿" not in words(response)


@pytest.mark.parametrize(
    "address",
    [
        "/admin/users/",
        "/admin/groups/",
        "/admin/sites/",
        "/admin/collections/",
        "/admin/workflows/list/",
        "/admin/workflows/tasks/index/",
    ],
)
@pytest.mark.parametrize("role", ["reviewer", "curator", "administrator"])
def test_wagtails_settings_stay_closed(
    client: Client, units: SimpleNamespace, role: str, address: str
) -> None:
    client.force_login(UserFactory(**{role: True}, unit=units.city))
    assert client.get(address).status_code in {302, 403, 404}


def test_a_curator_of_the_city_sees_everything(
    client: Client, units: SimpleNamespace, site: SimpleNamespace
) -> None:
    client.force_login(UserFactory(curator=True, unit=units.city))
    page = client.get("/admin/lectures/").content.decode()
    assert all(title in page for title in ("本镇草稿", *FOREIGN))
    assert client.get(edit(site.foreign)).status_code == 200


def test_waiting_lectures_are_those_in_review(client: Client, units: SimpleNamespace) -> None:
    submission(UserFactory(secretary=True, unit=units.branch), title="正在审核")
    reviewed(LecturePageFactory(title="已经通过", organization=units.branch, draft=True))
    LecturePageFactory(title="早已发布", organization=units.branch)
    client.force_login(UserFactory(reviewer=True, unit=units.county))
    response = client.get("/admin/")
    (panel,) = [p for p in response.context["panels"] if getattr(p, "name", "") == "awaiting"]
    context = panel.get_context_data({"request": response.wsgi_request})
    assert [item["page"].title for item in context["lectures"]] == ["正在审核"]


CHOOSER = "/admin/recordings/"


def test_the_chooser_holds_only_recordings_within_the_scope(
    client: Client, units: SimpleNamespace, site: SimpleNamespace
) -> None:
    secretary = UserFactory(secretary=True, unit=units.branch)
    stranger = UserFactory(secretary=True, unit=units.foreign)
    VideoAssetFactory(original_name="本镇新录像.mp4", owner=secretary, ready=True)
    secret = VideoAssetFactory(original_name="外镇新录像.mp4", owner=stranger, ready=True)
    client.force_login(site.reviewer)
    for address in (CHOOSER, f"{CHOOSER}results/", f"{CHOOSER}results/?q=录像"):
        page = words(client.get(address))
        assert "本镇新录像" in page
        assert "外镇" not in page
    assert client.get(f"{CHOOSER}chosen/{secret.pk}/").status_code == 404
    assert client.get(f"{CHOOSER}chosen/not-an-id/").status_code == 404
    for ids in (str(secret.pk), "not-an-id"):
        chosen = client.get(f"{CHOOSER}chosen-multiple/?id={ids}")
        assert chosen.json()["result"] == []
    assert client.get(f"{CHOOSER}create/").status_code == 404


def test_a_posted_recording_outside_the_scope_is_refused(
    client: Client, units: SimpleNamespace, site: SimpleNamespace
) -> None:
    stranger = UserFactory(secretary=True, unit=units.foreign)
    secret = VideoAssetFactory(owner=stranger, ready=True)
    client.force_login(site.reviewer)
    data = {"title": "本镇草稿", "subject": "skills", "asset": str(secret.pk)}
    response = client.post(edit(site.own), data)
    assert "asset" in response.context["form"].errors


def test_the_chooser_gives_a_ready_recording_to_the_form(
    client: Client, units: SimpleNamespace, site: SimpleNamespace
) -> None:
    client.force_login(site.reviewer)
    asset = site.own.asset
    chosen = client.get(f"{CHOOSER}chosen/{asset.pk}/").json()
    assert chosen["result"] == {"id": str(asset.pk), "title": asset.original_name, "edit_url": None}
