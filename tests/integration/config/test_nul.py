"""No address, query or form with the character NUL breaks a page: PostgreSQL refuses it."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils.translation import gettext, override

from organizations.models import Post
from tests.factories import OrganizationFactory, PostFactory, UserFactory
from tests.scope.judge import FILLERS
from tests.scope.patterns import Pattern, patterns

pytestmark = pytest.mark.django_db

ROOMS = ("audit", "cms", "lms", "media_pipeline", "organizations")
# Those that Wagtail's lists and choosers ask for.
NAMES = {"q", "p", "ordering", "export", "id", "childOf", "next", "page_type", "locale"}


def names_asked() -> set[str]:
    """Every name that our own code takes from a query or a form."""
    taken = re.compile(r"""(?:GET|POST|asked|data)\.(?:get|getlist)\(\s*"(\w+)\"""")
    fields = re.compile(r"^    (\w+) = (?:forms|fields)\.\w+Field\(", re.MULTILINE)
    found = set(NAMES)
    for room in ROOMS:
        for path in (settings.BASE_DIR / room).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            found |= {*taken.findall(text), *fields.findall(text)}
    return found


@pytest.fixture
def client_of_a_keeper() -> Client:
    user = UserFactory(name="宋全")
    city = OrganizationFactory(city=True, code="S-city")
    # Three posts are never held by one person.
    apart = {Post.Role.SECURITY, Post.Role.AUDITOR}
    for role in set(Post.Role) - apart:
        PostFactory(user=user, organization=city, role=role)
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


def opened(one: Pattern) -> str:
    """The address with something plausible in it, "" for what is no address of ours."""
    known = {"code": "S-city", "pk": "1", "key": "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"}
    return "" if one.is_regex else one.address(dict.fromkeys(one.arguments, "1") | FILLERS | known)


def test_what_is_asked_with_nul_is_no_fault_of_the_site(client_of_a_keeper: Client) -> None:
    names = names_asked()
    assert {"q", "unit", "after", "on", "end", "to"} <= names
    query = urlencode(dict.fromkeys(sorted(names), "a\x00b"))
    broken = []
    for one in patterns():
        address = opened(one)
        if address:
            status = client_of_a_keeper.get(f"{address}?{query}").status_code
            if status not in (400, 404):
                broken.append((one.key, status))
    assert broken == []


def test_an_address_with_nul_is_no_fault_of_the_site(client_of_a_keeper: Client) -> None:
    texts = [one for one in patterns() if re.search(r"<(?:(?:str|path|slug):)?\w+>", one.route)]
    assert {"units:detail", "people:list", "units:grants"} <= {one.key for one in texts}
    for one in texts:
        address = one.address(dict.fromkeys(one.arguments, "%00"))
        assert client_of_a_keeper.get(address).status_code in (400, 404), one.key


def test_a_form_with_nul_is_answered_with_a_page_that_says_so(
    client_of_a_keeper: Client,
) -> None:
    address = reverse("units:merge", args=["S-city"])
    response = client_of_a_keeper.post(address, {"to": "S\x00"})
    assert response.status_code == 400
    with override("zh-hans"):
        assert gettext("This request could not be understood") in response.content.decode()
