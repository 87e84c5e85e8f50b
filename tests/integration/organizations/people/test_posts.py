"""Posts: who gives and ends them, and what opens and closes with them."""

import datetime as dt
import io

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command

from organizations.models import Post, User, today
from organizations.people import services
from organizations.people.services import PeopleError
from tests.factories import PostFactory, UserFactory
from tests.integration.organizations.people.acts import logged

pytestmark = pytest.mark.django_db


def appoint(actor, person, unit, role="secretary", **given):
    return services.post_open(actor=actor, person=person, unit=unit, role=role, **given)


def test_a_post_opens_scope_and_its_end_closes_it_at_once(units, officer, member):
    colleague = UserFactory(home=units.branch)
    post = appoint(officer, member, units.branch)

    assert User.objects.visible_to(member).filter(pk=colleague.pk).exists()
    services.post_close(actor=officer, post=post)
    assert not User.objects.visible_to(member).filter(pk=colleague.pk).exists()
    assert logged("post.open").get().detail == {"unit": units.branch.code, "role": "secretary"}
    assert logged("post.close").count() == 1


def test_the_end_of_a_post_ends_access_to_the_library_admin(units, member):
    security = UserFactory(security=True, unit=units.city)
    post = appoint(security, member, units.county, "reviewer")
    assert User.objects.get(pk=member.pk).has_perm("wagtailadmin.access_admin")

    services.post_close(actor=security, post=post)
    assert not User.objects.get(pk=member.pk).has_perm("wagtailadmin.access_admin")


def test_administrations_are_never_in_one_hand(units, member):
    security = UserFactory(security=True, unit=units.city)
    appoint(security, member, units.county, "administrator")

    for role in ("security", "administrator"):
        with pytest.raises(PeopleError):
            appoint(security, member, units.county, role)
    with pytest.raises(PeopleError):
        services.post_open_by_operator(person=member, unit=units.city, role="auditor")
    assert Post.objects.filter(user=member).count() == 1


def test_nobody_gives_or_ends_the_own_post(units, officer):
    security = UserFactory(security=True, unit=units.city, home=units.branch)

    with pytest.raises(PermissionDenied):
        appoint(security, security, units.city, "reviewer")
    with pytest.raises(PermissionDenied):
        services.post_close(actor=security, post=security.posts.get())
    with pytest.raises(PermissionDenied):
        appoint(officer, officer, units.branch)


def test_posts_that_make_no_sense_are_refused(units, officer, member):
    appoint(officer, member, units.branch)
    units.second_branch.closed_on = today()
    units.second_branch.save()
    for unit, role, given in (
        (units.branch, "secretary", {}),
        (units.second_branch, "secretary", {}),
        (units.branch, "king", {}),
        (units.branch, "site_operator", {"on": today() + dt.timedelta(days=1)}),
    ):
        with pytest.raises(PeopleError):
            appoint(officer, member, unit, role, **given)
    with pytest.raises(PermissionDenied):
        appoint(officer, UserFactory(home=units.foreign_branch), units.branch)
    assert Post.objects.filter(user=member).count() == 1


@pytest.mark.parametrize("role", ["administrator", "security", "auditor"])
def test_administrators_of_one_unit_do_not_end_each_others_posts(units, role):
    keeper = UserFactory(security=True, unit=units.city)
    PostFactory(user=keeper, organization=units.city, role="affairs_officer")
    beside = UserFactory(**{role: True}, unit=units.city, home=units.branch)

    with pytest.raises(PermissionDenied):
        services.post_close(actor=keeper, post=beside.posts.get())
    with pytest.raises(PermissionDenied):
        appoint(keeper, UserFactory(home=units.branch), units.city, role)
    with pytest.raises(PeopleError):
        services.person_leave(actor=keeper, person=beside, reason="moved_out")
    assert beside.posts.get().valid_to is None


def test_whoever_runs_the_machine_appoints_the_topmost_administrators(units, member):
    def command(*said):
        call_command("administrator_appoint", member.username, *said, stdout=io.StringIO())

    command("auditor", "--unit", units.city.code)
    assert logged("post.open").get().detail == {
        "unit": units.city.code,
        "role": "auditor",
        "operator": True,
    }
    with pytest.raises(CommandError):
        command("security", "--unit", units.city.code)
    command("auditor", "--unit", units.city.code, "--end")
    with pytest.raises(CommandError):
        command("auditor", "--unit", units.city.code, "--end")
    with pytest.raises(CommandError):
        command("auditor", "--unit", units.county.code)
    assert member.posts.get().valid_to == today()
    assert logged("post.close").get().actor is None
