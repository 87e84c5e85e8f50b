"""The player in a frame of a unit's own site: who may frame it, what it knows, what it keeps."""

from __future__ import annotations

import re

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from audit.models import AuditEntry
from cms.models import LecturePage
from config.security import embed_sites
from lms.watching.models import PlaySession
from media_pipeline.captions.models import CaptionTrack
from tests.factories import LecturePageFactory, UserFactory

pytestmark = pytest.mark.django_db
SITE = "https://www.example.gov.cn"


@pytest.fixture
def opened(units) -> LecturePage:
    return LecturePageFactory(organization=units.branch, title="果树修剪", is_open=True)


def without_seconds(page: str) -> str:
    """But for how long its addresses are good, which a second that ends in between changes."""
    return re.sub(r'"expires_in": \d+', "", page)


def ancestors(response) -> str:
    policy = response["Content-Security-Policy"]
    return next(part for part in policy.split("; ") if part.startswith("frame-ancestors"))


def test_only_sites_on_the_list_may_frame_it_and_only_it(client: Client, opened, settings) -> None:
    settings.EMBED_SITES = [SITE]
    response = client.get(f"/embed/{opened.pk}/")
    assert ancestors(response) == f"frame-ancestors 'self' {SITE}"
    assert "X-Frame-Options" not in response
    other = client.get("/privacy/")
    assert ancestors(other) == "frame-ancestors 'none'"
    assert other["X-Frame-Options"] == "DENY"
    for name in ("default-src", "script-src", "connect-src", "form-action"):
        said = [
            next(part for part in one["Content-Security-Policy"].split("; ") if name in part)
            for one in (response, other)
        ]
        assert said[0] == said[1]


def test_without_a_list_no_other_site_may(client: Client, opened) -> None:
    assert ancestors(client.get(f"/embed/{opened.pk}/")) == "frame-ancestors 'self'"


def test_it_knows_nobody_and_sets_no_cookie(client: Client, opened, units) -> None:
    plain = client.get(f"/embed/{opened.pk}/")
    assert plain.status_code == 200
    assert not plain.cookies
    assert "Cookie" not in plain.get("Vary", "")
    person = UserFactory(home=units.branch, name="张三丰")
    client.force_login(person)
    known = client.get(f"/embed/{opened.pk}/").content.decode()
    assert without_seconds(known) == without_seconds(plain.content.decode())
    assert 'data-person=""' in known
    assert "site-header" not in known
    assert "site-footer" not in known


def test_with_scripts_off_a_link_to_a_moment_says_which(client: Client, opened) -> None:
    page = client.get(f"/embed/{opened.pk}/?t=75").content.decode()
    assert re.search(r'#t=75">从 1:15 ', page)
    assert "#t=" not in client.get(f"/embed/{opened.pk}/?t=x").content.decode()


def test_nothing_is_recorded_as_watched(client: Client, opened) -> None:
    page = client.get(f"/embed/{opened.pk}/").content.decode()
    assert 'data-open-url=""' in page
    response = client.post("/watch/open/", {"lecture": opened.pk}, content_type="application/json")
    assert response.status_code == 401
    assert not PlaySession.objects.exists()


def test_a_lecture_for_members_is_not_shown_whoever_asks(client: Client, units) -> None:
    lecture = LecturePageFactory(organization=units.branch, title="仅限党员")
    CaptionTrack.objects.create(
        asset=lecture.asset, text="WEBVTT\n", cues=0, source=CaptionTrack.Source.UPLOADED
    )
    client.force_login(UserFactory(home=units.branch))
    for rest, status in (("", 404), ("playback/", 403), ("captions/", 404)):
        response = client.get(f"/embed/{lecture.pk}/{rest}")
        assert response.status_code == status
        assert "仅限党员" not in response.content.decode()
    assert "没有对外公开" in client.get(f"/embed/{lecture.pk}/").content.decode()


def test_captions_and_fresh_addresses_come_without_a_session(client: Client, opened) -> None:
    CaptionTrack.objects.create(
        asset=opened.asset, text="WEBVTT\n", cues=0, source=CaptionTrack.Source.UPLOADED
    )
    page = client.get(f"/embed/{opened.pk}/").content.decode()
    assert f'src="/embed/{opened.pk}/captions/"' in page
    assert client.get(f"/embed/{opened.pk}/captions/").content == b"WEBVTT\n"
    said = client.get(f"/embed/{opened.pk}/playback/").json()
    assert said["master"].startswith("/v/")


@pytest.mark.parametrize("rest", ["", "playback/", "captions/"])
def test_a_network_that_asks_too_often_is_put_off_by_a_sentence(
    client: Client, opened, settings, rest: str
) -> None:
    settings.API_PER_MINUTE, settings.EMBED_SITES = 2, [SITE]
    CaptionTrack.objects.create(
        asset=opened.asset, text="WEBVTT\n", cues=0, source=CaptionTrack.Source.UPLOADED
    )
    address = f"/embed/{opened.pk}/{rest}"
    assert [client.get(address).status_code for _number in range(2)] == [200, 200]
    response = client.get(address)
    # A minute may have ended in between: then it begins anew, once.
    if response.status_code == 200:
        client.get(address)
        response = client.get(address)
    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= 60
    said = response.content.decode() if not rest else response.json()["message"]
    assert f"{response['Retry-After']}秒" in said
    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")
    if not rest:
        assert ancestors(response) == f"frame-ancestors 'self' {SITE}"
    # The API has a count of its own, and another network too.
    assert client.get("/api/v1/").status_code == 200
    assert client.get(address, REMOTE_ADDR="198.51.100.7").status_code == 200


def test_half_signed_in_people_see_it_as_everybody_does(client: Client, opened, units) -> None:
    """Someone before the second step: the gate leaves the player alone."""
    client.force_login(UserFactory(administrator=True, unit=units.county))
    session = client.session
    del session["account_authentication_methods"]
    session.save()
    assert client.get("/library/").status_code == 302
    assert client.get(f"/embed/{opened.pk}/playback/").status_code == 200


def test_a_curator_opens_a_lecture_and_gets_its_code(client: Client, units, settings) -> None:
    settings.EMBED_SITES = [SITE]
    lecture = LecturePageFactory(organization=units.branch, title='果树“修剪”<b>"')
    client.force_login(UserFactory(curator=True, unit=units.county))
    address = f"/lectures/{lecture.pk}/embed/"
    assert "iframe" not in client.get(address).content.decode()
    client.post(address, {"act": "open"})
    assert LecturePage.objects.get(pk=lecture.pk).is_open
    page = client.get(address)
    code = page.context["code"]
    assert code.startswith(f'<iframe src="http://testserver/embed/{lecture.pk}/"')
    assert 'title="果树“修剪”&lt;b&gt;&quot;"' in code
    assert SITE in page.content.decode()
    assert "frame-src 'self'" in page["Content-Security-Policy"]
    client.post(address, {"act": "end"})
    assert not LecturePage.objects.get(pk=lecture.pk).is_open
    actions = AuditEntry.objects.filter(action__startswith="lecture.open")
    assert list(actions.order_by("pk").values_list("action", flat=True)) == [
        "lecture.open",
        "lecture.open_end",
    ]


def test_a_township_has_the_code_but_does_not_open(client: Client, units) -> None:
    lecture = LecturePageFactory(organization=units.branch)
    client.force_login(UserFactory(curator=True, unit=units.township))
    address = f"/lectures/{lecture.pk}/embed/"
    assert 'value="open"' not in client.get(address).content.decode()
    assert client.post(address, {"act": "open"}).status_code == 403
    assert not LecturePage.objects.get(pk=lecture.pk).is_open


def test_the_admin_leads_curators_there(client: Client, units) -> None:
    lecture = LecturePageFactory(organization=units.branch)
    client.force_login(UserFactory(curator=True, unit=units.county))
    page = client.get(f"/admin/pages/{lecture.pk}/edit/").content.decode()
    assert f"/lectures/{lecture.pk}/embed/" in page


@pytest.mark.parametrize(
    ("named", "found"),
    [
        ([SITE + "/", " "], [SITE]),
        (["https://*.example.gov.cn", "http://10.0.0.1:8080"],) * 2,
    ],
)
def test_sites_are_named_as_origins(named, found) -> None:
    assert embed_sites(named) == found


@pytest.mark.parametrize(
    "named", ["*", "https:", "example.cn", "https://a.cn/page", "'self'", "https://a.cn; x"]
)
def test_what_is_no_site_is_refused_at_the_start(named) -> None:
    with pytest.raises(ImproperlyConfigured):
        embed_sites([named])
