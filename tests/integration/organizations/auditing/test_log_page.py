import datetime as dt
import json
from unittest import mock

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from audit import log
from audit.models import AuditEntry
from organizations.auditing import exporting, listing
from organizations.auditing.entries import (
    can_audit,
    check_can_audit,
    entries_about,
    entries_visible_to,
)
from organizations.auditing.labels import ACTIONS, GROUPS, action_label, detail_text, target_label
from organizations.models import Post, User
from organizations.people.reveal_views import LISTS
from tests.factories import OrganizationFactory, UserFactory

pytestmark = pytest.mark.django_db

LOG = "/audit/"


@pytest.fixture
def city():
    return OrganizationFactory(city=True)


@pytest.fixture
def keeper(city):
    return UserFactory(auditor=True, unit=city, name="宋审计")


@pytest.fixture
def page(keeper, client: Client):
    client.force_login(keeper)
    return lambda query="": client.get(LOG + query)


def shown(response) -> list[int]:
    return [row.position for row in response.context["page"].rows]


# -- who -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [role for role in Post.Role.values if role != "auditor"])
def test_no_other_post_opens_the_log(city, client: Client, role: str) -> None:
    user = UserFactory(unit=city, post__role=role, **{"secretary": True})
    Post.objects.filter(user=user).update(role=role)
    log.record("thing.do")
    assert not entries_visible_to(user).exists()
    client.force_login(user)
    for address in (LOG, reverse("auditing:export")):
        assert client.get(address).status_code == 403
    assert client.post(reverse("auditing:verify")).status_code == 403


def test_a_post_below_the_root_opens_nothing(city) -> None:
    below = OrganizationFactory(county=True, parent=city)
    user = UserFactory(auditor=True, unit=below)
    with pytest.raises(PermissionDenied):
        check_can_audit(user)
    assert not entries_visible_to(user).exists()


def test_a_post_that_has_ended_opens_nothing(keeper) -> None:
    Post.objects.filter(user=keeper).update(valid_to=timezone.localdate())
    assert not can_audit(keeper)


def test_strangers_are_sent_to_sign_in(client: Client) -> None:
    assert client.get(LOG)["Location"].startswith("/accounts/login/")


def test_everybody_sees_what_concerns_the_own_account() -> None:
    me, other = UserFactory(), UserFactory()
    own = log.record("thing.do", actor=me)
    done_to_me = log.record("person.view", actor=other, target=me)
    log.record("person.view", actor=other, target=other)
    log.record("unit.rename", actor=other, target=OrganizationFactory(pk=me.pk + 1000))
    assert set(entries_about(me)) == {own, done_to_me}


# -- the page --------------------------------------------------------------------------------------


def test_entries_are_told_in_words_with_masked_names(page, city) -> None:
    actor, target = UserFactory(name="张建国"), UserFactory(name="李明")
    log.record("person.view", actor=actor, target=target)
    log.record("unit.rename", actor=actor, target=city)
    log.record("strange.act", actor=None)
    text = page().content.decode()
    assert "张*国" in text
    assert "李*" in text
    assert "张建国" not in text
    assert "李明" not in text
    assert city.name in text
    assert str(action_label("person.view")) in text
    assert "strange.act" in text


def test_the_reader_is_not_masked_from_oneself(page, keeper) -> None:
    log.record("thing.do", actor=keeper)
    assert page().context["page"].rows[0].actor == "宋审计"


def test_looking_at_the_log_is_an_entry_once_a_minute(page, keeper) -> None:
    page("?group=people")
    page("?group=people")
    page("?group=units")
    found = AuditEntry.objects.filter(action="audit.view").order_by("id")
    assert [entry.detail["asked"] for entry in found] == [{"group": "people"}, {"group": "units"}]
    assert {entry.actor_id for entry in found} == {keeper.pk}


def test_what_was_typed_does_not_stand_in_the_log(page) -> None:
    user = UserFactory(username="zhangsan")
    log.record("person.view", target=user)
    page("?person=zhangsan")
    page("?person=nobody-of-that-name")
    page("?kind=zhangsan&object=1")
    page(f"?kind={User._meta.label}&object=zhangsan")
    entry = AuditEntry.objects.get(action="audit.view")
    assert entry.detail == {"asked": {"people": [user.pk]}}


def test_pages_are_cut_by_key_and_hold_every_entry_once(page, monkeypatch) -> None:
    monkeypatch.setattr(listing, "PER_PAGE", 4)
    now = timezone.now()
    for minutes in (5, 5, 5, 5, 5, 5, 3, 2, 9, 1, 1):
        at = now - dt.timedelta(minutes=minutes)
        with mock.patch.object(timezone, "now", return_value=at):
            log.record("thing.do")
    everything = list(
        AuditEntry.objects.order_by("-at", "-position").values_list("position", flat=True)
    )
    found, query = [], "?last=2100-01-01"
    first = page(query)
    found += shown(first)
    while url := first.context["older_url"]:
        first = page(url)
        found += shown(first)
    own = set(AuditEntry.objects.filter(action="audit.view").values_list("position", flat=True))
    signed_in = set(
        AuditEntry.objects.filter(action="account.sign_in").values_list("position", flat=True)
    )
    assert [n for n in found if n not in own | signed_in] == [
        n for n in everything if n not in own | signed_in
    ]


def test_a_page_costs_the_same_number_of_queries_at_any_length(
    page, city, django_assert_max_num_queries
) -> None:
    page("?group=units")
    for _ in range(60):
        log.record("person.view", actor=UserFactory(), target=UserFactory())
        log.record("unit.rename", actor=UserFactory(), target=city)
    with django_assert_max_num_queries(14):  # three of them write the visit into the log
        assert len(shown(page())) == 50


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?group=people", {"person.view"}),
        ("?group=sign_in", {"account.sign_in", "session.novel"}),
        ("?group=audit", set()),
        ("?result=denied", {"access.deny"}),
        ("?group=denied", {"access.deny"}),
        ("?person=worker", {"person.view", "unit.rename"}),
        ("?person=worker&side=actor", {"unit.rename"}),
        ("?person=worker&side=target", {"person.view"}),
        ("?kind=organizations.Organization&object={unit}", {"unit.rename"}),
    ],
)
def test_filters(page, city, query: str, expected: set[str]) -> None:
    worker, other = UserFactory(username="worker"), UserFactory()
    log.record("person.view", actor=other, target=worker)
    log.record("unit.rename", actor=worker, target=city)
    log.record("access.deny", result="denied")
    log.record("session.novel")
    response = page(query.format(unit=city.pk))
    actions = {AuditEntry.objects.get(position=position).action for position in shown(response)}
    assert actions == expected


def test_days_are_those_of_the_installation(page) -> None:
    for at in ("2026-02-28T15:59+00:00", "2026-02-28T16:00+00:00", "2026-03-01T15:59+00:00"):
        with mock.patch.object(timezone, "now", return_value=dt.datetime.fromisoformat(at)):
            log.record("thing.do")
    response = page("?first=2026-03-01&last=2026-03-01")
    times = [timezone.localtime(row.at).day for row in response.context["page"].rows]
    assert times == [1, 1]


@pytest.mark.parametrize(
    "query",
    ["?first=x", "?group=x", "?result=x", "?before=x", "?before=-1", "?side=x",
     "?first=2026-03-02&last=2026-03-01", "?person=nobody", "?person=99999999999999999999",
     f"?before={10**40}"],
)  # fmt: skip
def test_odd_wishes_find_nothing_and_say_why(page, query: str) -> None:
    log.record("thing.do")
    response = page(query)
    assert response.status_code == 200
    assert shown(response) == []
    assert response.context["form"].errors


def test_an_id_of_an_account_that_is_its_number_or_its_name(page) -> None:
    named = UserFactory(username="4711")
    log.record("thing.do", actor=named)
    assert len(shown(page("?person=4711&side=actor"))) == 1
    assert len(shown(page(f"?person={named.pk}&side=actor"))) == 1


# -- checking --------------------------------------------------------------------------------------


def test_the_newest_entries_can_be_checked_at_once(
    page, client: Client, django_capture_on_commit_callbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        log.record("thing.do")
    assert page().context["newest"] is None
    response = client.post(reverse("auditing:verify"), follow=True)
    assert response.context["newest"].is_whole
    assert response.context["state"] is None
    assert AuditEntry.objects.get(action="audit.verify").actor is not None


def test_a_failed_check_is_told(page, client: Client, settings) -> None:
    settings.AUDIT_ANCHOR = ""
    log.record("thing.do")
    response = client.post(reverse("auditing:verify"), follow=True)
    assert not response.context["newest"].is_whole
    assert response.context["newest"].problem in response.content.decode()


def test_a_check_of_the_newest_entries_does_not_cover_a_failed_check_of_the_whole_log(
    page, client: Client, django_capture_on_commit_callbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        log.record("audit.verify", result="failed", entries=9, problem="altered", position=3)
    page()
    response = client.post(reverse("auditing:verify"), follow=True)
    state, newest = response.context["state"], response.context["newest"]
    assert (state.is_whole, state.position, newest.is_whole) == (False, 3, True)
    assert state.problem in response.content.decode()


def test_a_check_of_the_whole_log_takes_the_place_of_an_older_one_of_the_newest(
    page, django_capture_on_commit_callbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        log.record("audit.verify", result="failed", entries=9, newest=5, problem="altered")
        log.record("audit.verify", entries=10)
    context = page().context
    assert context["newest"] is None
    assert context["state"].is_whole


# -- exporting -------------------------------------------------------------------------------------


def test_an_export_needs_a_reason(page, client: Client, keeper) -> None:
    page()
    before = AuditEntry.objects.count()
    response = client.post(reverse("auditing:export"), {"format": "jsonl", "reason": "  "})
    assert response.status_code == 200
    assert response.context["form"].errors
    assert AuditEntry.objects.count() == before


def test_an_export_as_lines_carries_digests_mark_and_reason(page, client: Client, keeper) -> None:
    page()
    log.record("thing.do")
    address = reverse("auditing:export") + "?last=2100-01-01"
    response = client.post(address, {"format": "jsonl", "reason": "年度检查"})
    head, *rows = [json.loads(line) for line in response.content.decode().splitlines()]
    assert "年度检查" in head["mark"]
    assert str(keeper.pk) in head["mark"]
    entry = AuditEntry.objects.get(action="audit.export")
    assert entry.detail == {
        "reason": "年度检查",
        "entries": len(rows),
        "format": "jsonl",
        "asked": {"to": "2100-01-01"},
    }
    assert rows[-1]["digest"] == AuditEntry.objects.get(position=rows[-1]["position"]).digest
    assert "attachment" in response["Content-Disposition"]


def test_an_export_as_a_workbook_is_masked_and_computes_nothing(
    page, client: Client, tmp_path
) -> None:
    page()
    log.record("thing.do", actor=UserFactory(name="张建国"), note="=1+1")
    address = reverse("auditing:export")
    response = client.post(address, {"format": "xlsx", "reason": "=cmd|' /C calc'!A0"})
    (tmp_path / "log.xlsx").write_bytes(response.content)
    cells = [
        cell for row in load_workbook(tmp_path / "log.xlsx").active.iter_rows() for cell in row
    ]
    texts = [str(cell.value) for cell in cells if cell.value]
    assert "张*国" in texts
    assert not any("张建国" in text for text in texts)
    assert any("=cmd" in text for text in texts)
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert not any(text.startswith("=") for text in texts)


def test_an_export_that_is_too_long_asks_for_fewer_days(page, client: Client, monkeypatch) -> None:
    monkeypatch.setattr(exporting, "EXPORT_MAX", 3)
    page()
    log.record_many(log.Entry("thing.do") for _ in range(4))
    response = client.post(reverse("auditing:export"), {"format": "jsonl", "reason": "检查"})
    assert response.status_code == 200
    assert "3" in response.content.decode()
    assert not AuditEntry.objects.filter(action="audit.export").exists()


def test_an_export_of_an_odd_wish_leads_back(page, client: Client) -> None:
    page()
    response = client.get(reverse("auditing:export") + "?first=x")
    assert response["Location"] == LOG + "?first=x"


# -- words -----------------------------------------------------------------------------------------


def test_every_known_act_belongs_to_a_group() -> None:
    nouns = {noun for _name, group in GROUPS.values() for noun in group}
    assert {action.partition(".")[0] for action in ACTIONS} == nouns


def test_the_page_of_a_reveal_is_called_by_name() -> None:
    for page in LISTS:
        assert page not in detail_text({"list": page})


def test_unknown_codes_are_shown_as_they_are() -> None:
    assert action_label("novel.act") == "novel.act"
    assert target_label("gone.Model") == "gone.Model"
    assert target_label("odd") == "odd"
    # A fact without a name is for machines: it stands in the export only.
    assert detail_text({"x": 1, "rows": 7}).endswith("7")
    assert detail_text([]) == ""


def test_refused_requests_of_anonymous_readers_never_fail() -> None:
    request = RequestFactory().get("/x/")
    assert log.record("access.deny", request=request, result="denied").actor is None
