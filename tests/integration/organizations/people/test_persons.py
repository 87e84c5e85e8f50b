"""People who are entered, changed and leave: what is refused with a sentence, what is logged."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from notices.models import ChannelChoice
from organizations.models import Credential, Membership, User, today
from organizations.people import services
from organizations.people.services import PeopleError
from tests.factories import PostFactory, UserFactory
from tests.integration.organizations.people.acts import create, home_of, logged

pytestmark = pytest.mark.django_db
YESTERDAY = dt.timedelta(days=1)


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
    assert "1391234" not in str(entry.detail)


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


# -- changing --------------------------------------------------------------------------------------


def change(officer, person, **given):
    now = {"name": person.name, "phone": person.phone or "", "code": person.code or ""}
    return services.person_change(actor=officer, person=person, **(now | given))


def test_details_are_changed_and_only_their_kind_is_logged(officer, member):
    changed = change(officer, member, name="张建华", phone="")

    assert (changed.name, changed.phone, changed.code) == ("张建华", None, "P000001")
    assert logged("person.change").get().detail == {"fields": ["name", "phone"]}


def test_a_number_changed_by_others_is_not_what_its_owner_chose(officer, member):
    ChannelChoice.objects.create(person=member, channel="sms")
    ChannelChoice.objects.create(person=member, channel="email")
    change(officer, member, phone="13900139000")

    assert ChannelChoice.objects.get().channel == "email"


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


def test_phone_and_code_of_somebody_with_a_higher_post_are_out_of_reach(units, secretary):
    above = UserFactory(reviewer=True, unit=units.county, home=units.branch, name="县审核员")

    assert change(secretary, above, name="县审核").name == "县审核"
    for given in ({"phone": "13500000001"}, {"code": "P77"}):
        with pytest.raises(PermissionDenied):
            change(secretary, above, name="县审核", **given)
    above.refresh_from_db()
    assert (above.phone, above.code) == (None, None)


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
