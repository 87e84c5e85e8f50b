"""The people of a branch on its own page: counts that lead into the roster that they count."""

import pytest

from organizations.models import Membership
from tests.factories import MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def branch(units, secretary, member):
    """The secretary, a member who is away, exempt, and not activated; a guest, a learner."""
    member.tags.create(dimension="state", value="floating_out")
    member.tags.create(dimension="state", value="exempt")
    for kind in (Membership.Kind.HOST, Membership.Kind.LEARNER):
        MembershipFactory(user=UserFactory(), organization=units.branch, kind=kind)
    return units.branch


def test_each_count_is_what_its_link_lists(client, branch, secretary):
    client.force_login(secretary)
    panel = client.get("/units/mine/").context["panel"]

    assert [one.count for one in panel["counts"]] == [2, 1, 1, 1, 1, 1]
    for one in panel["counts"]:
        assert len(client.get(one.url).context["page"].rows) == one.count
    assert [post["name"] for post in panel["posts"]] == ["本支部书记"]
    assert client.get(panel["new_url"]).status_code == 200


def test_members_see_no_people_on_the_page_of_their_branch(client, units, branch):
    client.force_login(UserFactory(home=units.branch))
    response = client.get("/units/mine/")

    assert response.status_code == 200
    assert "/people/" not in response.text
    assert "张建国" not in response.text


def test_a_reader_enters_nobody(client, units, branch):
    client.force_login(UserFactory(reviewer=True, unit=units.branch, home=units.branch))
    panel = client.get("/units/mine/").context["panel"]

    assert panel["counts"][0].count == 3
    assert panel["new_url"] == ""
