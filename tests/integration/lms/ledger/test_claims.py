"""Hours learnt elsewhere: claimed with evidence, checked by the branch, approved by the county."""

import datetime as dt
import io
import uuid
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from audit.models import AuditEntry
from lms.ledger.claims import MOST_WAITING, claim_mark
from lms.ledger.evidence_files import FileRefused, claims_storage, evidence_checked
from lms.ledger.models import CreditEntry, ExternalClaim, YearClosing
from organizations.privacy.erasing import person_erase
from tests.factories import ClaimFactory, UserFactory

pytestmark = pytest.mark.django_db
State = ExternalClaim.State


@pytest.fixture
def people(units, member):
    return SimpleNamespace(
        member=member,
        secretary=UserFactory(home=units.branch, secretary=True, unit=units.branch),
        county=UserFactory(home=units.other_branch, officer=True, unit=units.county),
        other_county=UserFactory(home=units.foreign_branch, officer=True, unit=units.other_county),
        township=UserFactory(home=units.other_branch, officer=True, unit=units.township),
        reviewer=UserFactory(home=units.branch, reviewer=True, unit=units.county),
    )


@pytest.fixture
def claim(member, units):
    return ClaimFactory(user=member, organization=units.branch)


def photo(**exif):
    image = Image.new("RGB", (900, 600), "#c9962b")
    out = io.BytesIO()
    data = Image.Exif()
    data[0x010E] = "secret place"
    image.save(out, "JPEG", exif=data)
    return SimpleUploadedFile("证书.jpg", out.getvalue(), "image/jpeg")


def said(file, **changes):
    return {
        "title": "示例专题培训班",
        "host": "市委党校",
        "learnt_on": timezone.localdate().isoformat(),
        "hours": "6",
        "wish": str(uuid.uuid4()),
        "file": file,
    } | changes


def post(client, user, claim, act, **more):
    client.force_login(user)
    seen = claim_mark(ExternalClaim.objects.get(pk=claim.pk))
    url = reverse("ledger:claim", args=[claim.pk])
    return client.post(url, {"act": act, "seen": seen, **more})


def state(claim):
    claim.refresh_from_db()
    return claim.state


def test_from_the_claim_to_the_credit(client, people, units):
    client.force_login(people.member)
    answer = client.post(reverse("ledger:claim_new"), said(photo()))
    claim = ExternalClaim.objects.get()
    assert answer["Location"] == reverse("ledger:claim", args=[claim.pk])
    post(client, people.secretary, claim, "check")
    assert state(claim) == State.APPROVING
    assert not CreditEntry.objects.exists()
    post(client, people.county, claim, "approve")
    entry = CreditEntry.objects.get()
    assert (entry.kind, entry.hours, entry.organization) == ("external", Decimal(6), units.branch)
    logged = AuditEntry.objects.filter(target_type="ledger.ExternalClaim").order_by("position")
    assert [one.action for one in logged] == ["claim.make", "claim.check", "claim.approve"]


def test_a_photo_loses_what_was_hidden_in_it(client, people):
    client.force_login(people.member)
    client.post(reverse("ledger:claim_new"), said(photo()))
    with claims_storage().open(ExternalClaim.objects.get().file) as file:
        stored = file.read()
    assert b"secret place" not in stored
    assert Image.open(io.BytesIO(stored)).size == (900, 600)


def test_a_double_tap_is_one_claim(client, people):
    client.force_login(people.member)
    wish = str(uuid.uuid4())
    for _ in range(2):
        client.post(reverse("ledger:claim_new"), said(photo(), wish=wish))
    assert ExternalClaim.objects.count() == 1
    assert len(claims_storage().listdir("")[1]) == 1


PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\n%%EOF\n"
REFUSED = {
    "nothing": SimpleUploadedFile("a.jpg", b""),
    "a program": SimpleUploadedFile("a.jpg", b"MZ" + b"\0" * 400),
    "a page": SimpleUploadedFile("a.pdf", b"<html><script>alert(1)</script></html>"),
    "half a photo": SimpleUploadedFile("a.jpg", photo().read()[:900]),
    "half a PDF": SimpleUploadedFile("a.pdf", PDF[:20]),
    "a PDF with a program": SimpleUploadedFile("a.pdf", PDF.replace(b"/Type", b"/JS")),
    "a drawing": SimpleUploadedFile("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
    "too much": SimpleUploadedFile("a.pdf", PDF + b"0" * 10 * 1024 * 1024 + b"%%EOF"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_evidence_is_refused_and_nothing_is_left(client, people, what):
    client.force_login(people.member)
    REFUSED[what].seek(0)
    answer = client.post(reverse("ledger:claim_new"), said(REFUSED[what]))
    assert answer.status_code == 422
    assert "field-error" in answer.content.decode()
    assert not ExternalClaim.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        {"learnt_on": "2090-01-01"},
        {"learnt_on": "2001-01-01"},
        {"learnt_on": "yesterday"},
        {"hours": "0"},
        {"hours": "101"},
        {"hours": "x"},
        {"title": ""},
    ],
)
def test_what_cannot_be_claimed_is_said_at_its_field(client, people, change):
    client.force_login(people.member)
    answer = client.post(reverse("ledger:claim_new"), said(photo(), **change))
    assert answer.status_code == 422
    assert not ExternalClaim.objects.exists()


def test_a_pdf_is_handed_out_as_a_download_only(client, people):
    client.force_login(people.member)
    client.post(reverse("ledger:claim_new"), said(SimpleUploadedFile("a.pdf", PDF)))
    claim = ExternalClaim.objects.get()
    answer = client.get(reverse("ledger:claim_evidence", args=[claim.pk]))
    assert b"".join(answer.streaming_content) == PDF
    assert answer["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer["Content-Security-Policy"]


def test_nobody_decides_on_their_own(client, people, units):
    own = ClaimFactory(user=people.county, organization=units.branch)
    assert post(client, people.county, own, "check").status_code == 403
    ExternalClaim.objects.update(state=State.APPROVING)
    assert post(client, people.county, own, "approve").status_code == 403
    assert post(client, people.county, own, "refuse", reason="x").status_code == 403


def test_whoever_checked_for_the_branch_does_not_approve(client, people, claim):
    post(client, people.county, claim, "check")
    assert post(client, people.county, claim, "approve").status_code == 403
    assert state(claim) == State.APPROVING


@pytest.mark.parametrize(
    ("who", "status"), [("secretary", 403), ("township", 403), ("reviewer", 404)]
)
def test_only_the_county_approves(client, people, claim, who, status):
    ExternalClaim.objects.update(state=State.APPROVING)
    assert post(client, getattr(people, who), claim, "approve").status_code == status
    assert state(claim) == State.APPROVING


def test_another_county_does_not_see_it(client, people, claim):
    client.force_login(people.other_county)
    for name in ("claim", "claim_evidence", "claim_change"):
        assert client.get(reverse(f"ledger:{name}", args=[claim.pk])).status_code == 404


def test_what_is_sent_back_is_read_with_its_reason_and_changed(client, people, claim):
    post(client, people.secretary, claim, "send_back", reason="照片看不清，请重拍")
    assert state(claim) == State.SENT_BACK
    client.force_login(people.member)
    page = client.get(reverse("ledger:claim", args=[claim.pk])).content.decode()
    assert "照片看不清，请重拍" in page
    change = reverse("ledger:claim_change", args=[claim.pk])
    facts = said(photo(), hours="5")
    assert client.post(change, facts).status_code == 302
    claim.refresh_from_db()
    assert (claim.state, claim.hours, claim.reason) == (State.CHECKING, Decimal(5), "")


def test_a_reason_is_asked_for(client, people, claim):
    assert post(client, people.secretary, claim, "send_back", reason=" ").status_code == 422
    assert state(claim) == State.CHECKING


def test_doing_it_again_is_nothing(client, people, claim):
    for _ in range(2):
        assert post(client, people.secretary, claim, "check").status_code == 302
    for _ in range(2):
        post(client, people.county, claim, "approve")
    assert CreditEntry.objects.count() == 1
    assert AuditEntry.objects.filter(action="claim.approve").count() == 1


def test_what_comes_too_late_changes_nothing_and_is_told(client, people, claim):
    post(client, people.member, claim, "withdraw")
    answer = post(client, people.secretary, claim, "check")
    assert state(claim) == State.WITHDRAWN
    assert "已撤回" in client.get(answer["Location"]).content.decode()


def test_an_approval_that_is_taken_back_takes_the_hours_along(client, people, claim):
    post(client, people.secretary, claim, "check")
    post(client, people.county, claim, "approve")
    post(client, people.county, claim, "refuse", reason="证书与本人不符")
    assert state(claim) == State.REFUSED
    assert not CreditEntry.objects.standing().exists()


def test_looking_at_somebodys_claim_is_logged(client, people, claim):
    client.force_login(people.secretary)
    client.get(reverse("ledger:claim", args=[claim.pk]))
    seen = AuditEntry.objects.get(action="person.view")
    assert (seen.actor, seen.target_id) == (people.secretary, str(people.member.pk))


def test_erasing_somebody_keeps_the_hours_and_removes_the_evidence(
    client, people, django_capture_on_commit_callbacks
):
    client.force_login(people.member)
    client.post(reverse("ledger:claim_new"), said(photo()))
    claim = ExternalClaim.objects.get()
    post(client, people.secretary, claim, "check")
    post(client, people.county, claim, "approve")
    with django_capture_on_commit_callbacks(execute=True):
        person_erase(actor=people.member, person=people.member, reason="")
    claim.refresh_from_db()
    assert (claim.title, claim.host, claim.file, claim.file_name) == ("", "", "", "")
    assert claims_storage().listdir("")[1] == []
    assert CreditEntry.objects.standing().get().hours == Decimal(6)


def test_a_claim_for_a_year_that_was_closed_meanwhile_moves_no_hours(client, people, claim):
    last = timezone.localdate().year - 1
    ExternalClaim.objects.filter(pk=claim.pk).update(learnt_on=dt.date(last, 12, 1))
    YearClosing.objects.create(year=last, closed_by=people.county, closed_at=timezone.now())
    post(client, people.secretary, claim, "check")
    assert state(claim) == State.CHECKING
    post(client, people.secretary, claim, "refuse", reason="该年度已结账")
    assert state(claim) == State.REFUSED
    assert not CreditEntry.objects.exists()


def paper(inside: bytes, catalogue: bytes = b"") -> SimpleUploadedFile:
    body = b"%PDF-1.7\n1 0 obj<</Type/Catalog" + catalogue + b">>endobj\n2 0 obj<<>>stream\n"
    return SimpleUploadedFile("证书.pdf", body + inside + b"\nendstream endobj\n%%EOF\n")


def test_letters_that_stand_in_a_scan_by_chance_are_no_program():
    checked = evidence_checked(paper(b"\x00\x11/JS /AA\xff", b"/OpenAction[3 0 R/Fit]"))
    assert checked.suffix == ".pdf"
    with pytest.raises(FileRefused):
        evidence_checked(paper(b"scan", b"/OpenAction<</S/JavaScript/JS(app.alert(1))>>"))


def test_a_picture_that_unpacks_to_much_is_refused_before_it_does():
    out = io.BytesIO()
    Image.new("1", (7000, 7000)).save(out, "PNG")
    with pytest.raises(FileRefused):
        evidence_checked(SimpleUploadedFile("证书.png", out.getvalue()))


def test_nobody_decides_on_what_they_have_not_seen(client, people, units):
    claim = ClaimFactory(user=people.member, organization=units.branch)
    seen = claim_mark(claim)
    ExternalClaim.objects.filter(pk=claim.pk).update(hours=Decimal(60))
    answer = post(client, people.secretary, claim, "check", seen=seen)
    assert answer["Location"] == reverse("ledger:claim", args=[claim.pk])
    assert state(claim) == State.CHECKING
    post(client, people.secretary, claim, "check")
    assert state(claim) == State.APPROVING


def test_claims_wait_in_a_number_that_can_be_read(client, people, units):
    for _ in range(MOST_WAITING):
        ClaimFactory(user=people.member, organization=units.branch)
    client.force_login(people.member)
    answer = client.post(reverse("ledger:claim_new"), said(photo()))
    assert answer.status_code == 422
    assert "请等" in answer.content.decode()
    assert ExternalClaim.objects.count() == MOST_WAITING


def test_the_wish_of_somebody_else_is_no_claim_of_ones_own(client, people, units):
    taken = ClaimFactory(user=people.secretary, organization=units.branch)
    client.force_login(people.member)
    answer = client.post(reverse("ledger:claim_new"), said(photo(), wish=str(taken.wish)))
    assert answer.status_code == 422
    assert not ExternalClaim.objects.filter(user=people.member).exists()


def test_a_long_list_asks_no_more_than_a_short_one(client, people, units):
    client.force_login(people.county)

    def asked():
        with CaptureQueriesContext(connection) as found:
            client.get(reverse("ledger:claims"))
        return len(found)

    claims = [
        ClaimFactory(user=UserFactory(home=units.branch), organization=units.branch)
        for _ in range(6)
    ]
    ExternalClaim.objects.exclude(pk=claims[0].pk).update(state=State.WITHDRAWN)
    asked()
    short = asked()
    ExternalClaim.objects.update(state=State.CHECKING)
    assert asked() <= short
