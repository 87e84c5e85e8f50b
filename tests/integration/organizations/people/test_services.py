"""Acts on people: what changes, what is refused with a sentence, what is logged."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from audit.models import AuditEntry
from lms.watching.models import Completion
from organizations.models import Credential, Membership, Post, Tag, User, today
from organizations.people import services
from organizations.people.services import PeopleError
from tests.factories import (
    CompletionFactory,
    MembershipFactory,
    OrganizationFactory,
    PostFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
YESTERDAY = dt.timedelta(days=1)


def logged(action):
    return AuditEntry.objects.filter(action=action)


def home_of(person):
    return Membership.objects.get(user=person, kind="home", valid_to=None)


def create(officer, unit, **given):
    return services.person_create(actor=officer, unit=unit, **{"name": "李新民", **given})


# -- entering --------------------------------------------------------------------------------------


def test_a_person_is_entered_without_a_way_in(units, officer):
    person = create(officer, units.branch, phone="139 1234 5678", code="P9")

    assert (person.phone, person.code, person.username) == ("13912345678", "P9", "p9")
    assert person.activated_at is None
    assert not person.has_usable_password()
    assert home_of(person).organization == units.branch
    entry = logged("person.create").get()
    assert entry.target_id == str(person.pk)
    assert "李" not in str(entry.detail)
    assert "139" not in str(entry.detail)


def test_account_names_never_look_like_phones(units, officer):
    UserFactory(username="p9")

    assert create(officer, units.branch, code="P9").username != "p9"
    assert create(officer, units.branch, code="13712345678").username != "13712345678"


def test_learners_belong_to_any_unit_members_to_branches(units, officer):
    learner = create(officer, units.township, kind="learner")

    assert learner.memberships.get().kind == "learner"
    with pytest.raises(PeopleError, match=units.township.name):
        create(officer, units.township)


@pytest.mark.parametrize(
    "given",
    [
        {"phone": "13812345678"},
        {"code": "p000001"},
        {"name": " "},
        {"name": "211302196001011234"},
        {"phone": "12"},
        {"on": today() + dt.timedelta(days=1)},
    ],
)
def test_what_is_wrong_with_a_person_is_said_and_leaves_nothing(units, officer, member, given):
    before = User.objects.count()

    with pytest.raises(PeopleError):
        create(officer, units.branch, **given)
    assert User.objects.count() == before
    assert not logged("person.create").exists()


def test_nobody_is_entered_into_a_closed_unit_or_one_of_others(units, officer):
    with pytest.raises(PermissionDenied):
        create(officer, units.other_branch)
    units.branch.closed_on = today()
    units.branch.save()
    with pytest.raises(PeopleError):
        create(officer, units.branch)


def test_who_comes_back_gets_the_old_account(units, officer, member):
    services.person_leave(actor=officer, person=member, reason="moved_out")
    person = create(officer, units.second_branch, name="张建国", phone="13812345678")

    assert person == member
    assert person.is_active
    assert home_of(person).organization == units.second_branch
    with pytest.raises(PeopleError):
        create(officer, units.branch, name="张建国", phone="13812345678")


# -- changing --------------------------------------------------------------------------------------


def change(officer, person, **given):
    now = {"name": person.name, "phone": person.phone or "", "code": person.code or ""}
    return services.person_change(actor=officer, person=person, **(now | given))


def test_details_are_changed_and_only_their_kind_is_logged(officer, member):
    changed = change(officer, member, name="张建华", phone="")

    assert (changed.name, changed.phone, changed.code) == ("张建华", None, "P000001")
    assert logged("person.change").get().detail == {"fields": ["name", "phone"]}


def test_nothing_changed_is_no_act(officer, member):
    change(officer, member)

    assert not logged("person.change").exists()


def test_a_phone_or_code_in_use_is_refused(units, officer, member):
    other = UserFactory(home=units.branch, phone="13500000000", code="P2")

    for given in ({"phone": "13500000000"}, {"code": "p2"}):
        with pytest.raises(PeopleError):
            change(officer, member, **given)
    other.refresh_from_db()
    assert other.phone == "13500000000"


def test_the_phone_of_somebody_with_a_higher_post_is_out_of_reach(units, secretary):
    above = UserFactory(reviewer=True, unit=units.county, home=units.branch, name="县审核员")

    assert change(secretary, above, name="县审核").name == "县审核"
    with pytest.raises(PermissionDenied):
        change(secretary, above, name="县审核", phone="13500000001")


# -- transfer --------------------------------------------------------------------------------------


def transfer(officer, person, to, **given):
    return services.membership_transfer(actor=officer, person=person, to=to, **given)


def test_a_transfer_closes_one_home_and_opens_another(units, officer, member):
    CompletionFactory(user=member)
    transfer(officer, member, units.second_branch)

    old = Membership.objects.get(user=member, organization=units.branch)
    assert (old.valid_to, old.end_reason) == (today(), "transferred")
    assert home_of(member).organization == units.second_branch
    assert Completion.objects.filter(user=member).count() == 1
    detail = logged("person.transfer").get().detail
    assert (detail["left"], detail["to"]) == (units.branch.code, units.second_branch.code)


def test_of_several_transfers_on_a_day_the_last_one_counts(units, officer, member):
    third = OrganizationFactory(parent=units.township)
    transfer(officer, member, units.second_branch)
    transfer(officer, member, third)

    rows = Membership.objects.filter(user=member)
    assert rows.count() == 2
    assert home_of(member).organization == third
    transfer(officer, member, units.branch)
    only = rows.get()
    assert (only.organization, only.valid_to, only.end_reason) == (units.branch, None, "")


def test_a_transfer_needs_both_branches(units, officer, secretary, member):
    with pytest.raises(PermissionDenied):
        transfer(officer, member, units.other_branch)
    with pytest.raises(PermissionDenied):
        transfer(secretary, member, units.second_branch)
    county = UserFactory(officer=True, unit=units.county)
    assert transfer(county, member, units.other_branch).organization == units.other_branch


def test_transfers_that_make_no_sense_are_refused(units, officer, member):
    learner = create(officer, units.branch, kind="learner")
    for person, to, given in (
        (member, units.branch, {}),
        (member, units.township, {}),
        (member, units.second_branch, {"on": dt.date(2023, 1, 1)}),
        (member, units.second_branch, {"on": today() + dt.timedelta(days=1)}),
        (learner, units.second_branch, {}),
    ):
        with pytest.raises(PeopleError):
            transfer(officer, person, to, **given)
    assert home_of(member).organization == units.branch


def test_where_one_floated_to_becomes_the_home_branch(units, officer, member):
    host = MembershipFactory(user=member, organization=units.second_branch, kind="floating_host")
    transfer(officer, member, units.second_branch)

    host.refresh_from_db()
    assert (host.valid_to, host.end_reason) == (today(), "transferred")


def test_posts_in_the_old_branch_end_only_when_asked(units, officer, member):
    post = PostFactory(user=member, organization=units.branch)
    transfer(officer, member, units.second_branch)
    post.refresh_from_db()
    assert post.valid_to is None

    transfer(officer, member, units.branch)
    transfer(officer, member, units.second_branch, end_posts=True)
    post.refresh_from_db()
    assert post.valid_to == today()


def test_posts_of_others_to_give_stop_a_transfer_that_would_end_them(units, officer, member):
    PostFactory(user=member, organization=units.branch, role="reviewer")

    with pytest.raises(PermissionDenied):
        transfer(officer, member, units.second_branch, end_posts=True)
    assert home_of(member).organization == units.branch


# -- other ties ------------------------------------------------------------------------------------


def tie(actor, person, unit, kind, **given):
    return services.membership_open(actor=actor, person=person, unit=unit, kind=kind, **given)


def test_who_keeps_a_person_enters_where_they_float_to(units, secretary, member):
    tie(secretary, member, units.foreign_branch, "floating_host")

    host = UserFactory(secretary=True, unit=units.foreign_branch)
    assert User.objects.visible_to(host).filter(pk=member.pk).exists()
    assert logged("membership.open").count() == 1


def test_nobody_ties_strangers_to_the_own_branch(units, member):
    stranger = UserFactory(secretary=True, unit=units.foreign_branch)

    for kind in ("floating_host", "learner", "home"):
        with pytest.raises(PermissionDenied):
            tie(stranger, member, units.foreign_branch, kind)
    assert member.memberships.count() == 1


def test_a_second_home_or_the_same_tie_twice_is_refused(units, officer, member):
    tie(officer, member, units.second_branch, "learner")
    for unit, kind in (
        (units.second_branch, "home"),
        (units.second_branch, "learner"),
        (units.branch, "floating_host"),
        (units.branch, "nonsense"),
    ):
        with pytest.raises(PeopleError):
            tie(officer, member, unit, kind)
    assert member.memberships.count() == 2


def test_a_learner_becomes_a_member(units, officer):
    learner = create(officer, units.branch, kind="learner")
    tie(officer, learner, units.branch, "home")

    assert home_of(learner).organization == units.branch


def test_a_tie_ends_for_a_reason_the_last_one_does_not(units, officer, member):
    host = tie(officer, member, units.second_branch, "floating_host")

    with pytest.raises(PeopleError):
        services.membership_close(actor=officer, membership=host, reason="died")
    services.membership_close(actor=officer, membership=host, reason="returned")
    host.refresh_from_db()
    assert (host.valid_to, host.end_reason) == (today(), "returned")
    with pytest.raises(PeopleError):
        services.membership_close(actor=officer, membership=host, reason="returned")
    with pytest.raises(PeopleError):
        services.membership_close(actor=officer, membership=home_of(member), reason="mistake")
    guest = create(officer, units.branch, name="群众", kind="learner")
    with pytest.raises(PeopleError):
        services.membership_close(
            actor=officer, membership=guest.memberships.get(), reason="finished"
        )


def test_the_host_branch_ends_its_own_tie_and_strangers_none(units, officer, member):
    host = tie(officer, member, units.foreign_branch, "floating_host")

    with pytest.raises(PermissionDenied):
        services.membership_close(
            actor=UserFactory(secretary=True, unit=units.other_branch),
            membership=host,
            reason="returned",
        )
    keeper = UserFactory(secretary=True, unit=units.foreign_branch)
    services.membership_close(actor=keeper, membership=host, reason="returned")
    assert not User.objects.visible_to(keeper).filter(pk=member.pk).exists()


# -- leaving ---------------------------------------------------------------------------------------


def test_leaving_ends_ties_posts_codes_and_sessions(client, units, officer, member):
    User.objects.filter(pk=member.pk).update(activated_at=timezone.now())
    member.refresh_from_db()
    client.force_login(member, backend="organizations.signin.backend.AccountBackend")
    assert client.get("/me/").status_code == 200
    post = PostFactory(user=member, organization=units.branch)
    Credential.objects.create(
        user=member, digest="x", issued_by=officer, expires_at=timezone.now() + YESTERDAY
    )
    services.person_leave(actor=officer, person=member, reason="died")

    member.refresh_from_db()
    post.refresh_from_db()
    assert not member.is_active
    assert post.valid_to == today()
    assert Membership.objects.get(user=member).end_reason == "died"
    assert Credential.objects.get().revoked_at is not None
    assert client.get("/me/").status_code == 302
    assert logged("membership.close").get().detail["reason"] == "died"
    with pytest.raises(PermissionDenied):
        services.tag_open(actor=officer, person=member, value="full")


def test_nobody_is_made_to_leave_from_below_or_by_themselves(units, secretary):
    above = UserFactory(administrator=True, unit=units.city, home=units.branch)

    with pytest.raises(PeopleError):
        services.person_leave(actor=secretary, person=above, reason="died")
    with pytest.raises(PermissionDenied):
        services.person_leave(actor=secretary, person=secretary, reason="moved_out")
    with pytest.raises(PeopleError):
        services.person_leave(
            actor=secretary, person=UserFactory(home=units.branch), reason="transferred"
        )
    above.refresh_from_db()
    assert above.is_active


# -- posts -----------------------------------------------------------------------------------------


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
    appoint(security, member, units.city, "administrator")

    for role in ("security", "auditor", "administrator"):
        with pytest.raises(PeopleError):
            appoint(security, member, units.city, role)
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


# -- tags ------------------------------------------------------------------------------------------


def test_tags_are_many_and_dated_but_a_stage_is_one(officer, member):
    long_ago = dt.date(2020, 5, 1)
    services.tag_open(actor=officer, person=member, value="probationary", on=long_ago)
    services.tag_open(actor=officer, person=member, value="rural")
    services.tag_open(actor=officer, person=member, value="community", dimension="field")
    services.tag_open(actor=officer, person=member, value="full", on=dt.date(2021, 5, 1))

    held = set(Tag.objects.current().filter(user=member).values_list("value", flat=True))
    assert held == {"rural", "community", "full"}
    before = Tag.objects.current(dt.date(2020, 8, 1)).get(user=member)
    assert (before.value, before.valid_to) == ("probationary", dt.date(2021, 5, 1))
    assert logged("tag.open").count() == 4


def test_tags_that_make_no_sense_are_refused(officer, secretary, member):
    tag = services.tag_open(actor=secretary, person=member, value="exempt")
    for given in (
        {"value": "exempt"},
        {"value": "king"},
        {"value": "rural", "dimension": "stage"},
        {"value": "rural", "on": today() + dt.timedelta(days=1)},
    ):
        with pytest.raises(PeopleError):
            services.tag_open(actor=officer, person=member, **given)
    with pytest.raises(PeopleError):
        services.tag_close(actor=officer, tag=tag, on=dt.date(2020, 1, 1))
    services.tag_close(actor=officer, tag=tag)
    assert not Tag.objects.current().filter(user=member).exists()


def test_members_and_strangers_tag_nobody(units, member):
    for actor in (member, UserFactory(officer=True, unit=units.sibling)):
        with pytest.raises(PermissionDenied):
            services.tag_open(actor=actor, person=member, value="exempt")
