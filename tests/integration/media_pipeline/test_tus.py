"""The tus endpoint over HTTP, as the protocol's text has it."""

import errno
import uuid

import pytest
from django.utils import timezone

from audit.models import AuditEntry
from media_pipeline import incoming, uploads
from media_pipeline.models import TranscodeJob, Upload, VideoAsset
from tests.factories import UploadFactory, UserFactory
from tests.integration.media_pipeline.tus_browser import FILM, TusBrowser, checksum, metadata

pytestmark = pytest.mark.django_db
HALF = 8000


@pytest.fixture
def secretary():
    return UserFactory(secretary=True)


@pytest.fixture
def browser(secretary):
    return TusBrowser(secretary)


def files():
    return sorted(path.name for path in incoming.root().iterdir())


# -- core ------------------------------------------------------------------------------------------


def test_a_film_in_two_pieces_becomes_a_recording(browser, secretary):
    url = browser.begun(filename="课.mp4")
    first = browser.patch(url, 0, FILM[:HALF])
    assert (first.status_code, first["Upload-Offset"]) == (204, str(HALF))
    assert "Lectern-Asset" not in first.headers
    last = browser.patch(url, HALF, FILM[HALF:])
    assert last.status_code == 204
    asset = VideoAsset.objects.get(pk=last["Lectern-Asset"])
    assert (asset.owner, asset.original_name, asset.size) == (secretary, "课.mp4", len(FILM))
    assert set(TranscodeJob.objects.filter(asset=asset).values_list("lane", "state")) == {
        ("full", "queued"),
        ("preview", "queued"),
    }


def test_the_recording_has_the_very_bytes_and_the_part_is_gone(browser, settings):
    url = browser.begun()
    asset_id = browser.patch(url, 0, FILM)["Lectern-Asset"]
    asset = VideoAsset.objects.get(pk=asset_id)
    assert (settings.MEDIA_ROOT / asset.original_key).read_bytes() == FILM
    assert files() == []


def test_options_tells_what_is_offered_without_signing_in(settings):
    answer = TusBrowser().client.options("/uploads/")
    assert answer.status_code == 204
    assert answer["Tus-Version"] == "1.0.0"
    assert answer["Tus-Extension"] == "creation,checksum,expiration,termination"
    assert answer["Tus-Max-Size"] == str(settings.UPLOAD_MAX_BYTES)
    assert answer["Tus-Checksum-Algorithm"] == "sha256,sha1,md5"


def test_head_tells_offset_length_expiry_and_metadata(browser):
    url = browser.begun(filename="课.mp4", filetype="video/mp4")
    browser.patch(url, 0, FILM[:100])
    answer = browser.head(url)
    assert answer.status_code == 200
    assert answer["Upload-Offset"] == "100"
    assert answer["Upload-Length"] == str(len(FILM))
    assert answer["Upload-Metadata"] == metadata(filename="课.mp4", filetype="video/mp4")
    assert "no-store" in answer["Cache-Control"]
    assert "GMT" in answer["Upload-Expires"]
    assert answer["Tus-Resumable"] == "1.0.0"


@pytest.mark.parametrize(("trouble", "said"), [(errno.ENOSPC, 507), (errno.EIO, 503)])
def test_whoever_asks_while_the_storage_cannot_take_it_is_told_to_wait(
    browser, monkeypatch, trouble, said
):
    """On any other error than 423 tus-js-client sends the whole film again."""

    def fails(**kwargs):
        raise OSError(trouble, "no")

    url = browser.begun()
    with monkeypatch.context() as patch:
        patch.setattr(uploads, "asset_create", fails)
        assert browser.patch(url, 0, FILM).status_code == said
        assert browser.head(url).status_code == 423
    answer = browser.head(url)
    assert (answer.status_code, answer["Upload-Offset"]) == (200, str(len(FILM)))
    assert answer["Lectern-Asset"] == str(VideoAsset.objects.get().pk)


@pytest.mark.parametrize("version", ["", "0.2.2", "1.0.1"])
def test_another_version_is_refused_with_the_one_that_is_spoken(browser, version):
    answer = browser.call("POST", "/uploads/", {"Tus-Resumable": version, "Upload-Length": "5"})
    assert (answer.status_code, answer["Tus-Version"]) == (412, "1.0.0")


def test_an_offset_that_is_not_the_servers_changes_nothing(browser):
    url = browser.begun()
    browser.patch(url, 0, FILM[:100])
    for offset in (0, 99, 101):
        answer = browser.patch(url, offset, b"x" * 10)
        assert (answer.status_code, answer["Upload-Offset"]) == (409, "100")
        assert "message" in answer.json()
    assert browser.head(url)["Upload-Offset"] == "100"


@pytest.mark.parametrize("offset", ["", "-1", "1.5", "abc", "1" * 30])
def test_a_broken_offset_is_refused(browser, offset):
    assert browser.patch(browser.begun(), offset, b"x").status_code == 400


def test_a_chunk_of_another_content_type_is_refused(browser):
    url = browser.begun()
    answer = browser.call("PATCH", url, {"Upload-Offset": "0"}, FILM, "video/mp4")
    assert answer.status_code == 415
    assert browser.head(url)["Upload-Offset"] == "0"


def test_a_chunk_without_a_length_is_refused(browser):
    assert browser.bare_patch(browser.begun(), 0, length="").status_code == 411


def test_more_bytes_than_announced_are_refused_and_nothing_of_them_is_kept(browser):
    url = browser.begun(length=HALF)
    assert browser.patch(url, 0, FILM).status_code == 413
    assert browser.head(url)["Upload-Offset"] == "0"


def test_an_empty_chunk_changes_nothing(browser):
    url = browser.begun()
    browser.patch(url, 0, FILM[:100])
    answer = browser.bare_patch(url, 100, length="0")
    assert (answer.status_code, answer["Upload-Offset"]) == (204, "100")


def test_other_methods_are_not_allowed(browser):
    url = browser.begun()
    for method, address in [("GET", url), ("PUT", url), ("POST", url), ("GET", "/uploads/")]:
        assert browser.call(method, address).status_code == 405


# -- who -------------------------------------------------------------------------------------------


def test_without_signing_in_nothing_is_taken():
    answer = TusBrowser().create()
    assert answer.status_code == 401
    assert "message" in answer.json()
    assert not Upload.objects.exists()


def test_a_member_without_a_post_may_not_upload():
    answer = TusBrowser(UserFactory(home=True)).create()
    assert answer.status_code == 403
    assert "message" in answer.json()
    assert not Upload.objects.exists()


def test_somebody_elses_upload_is_answered_like_none(browser):
    url = browser.begun()
    other = TusBrowser(UserFactory(secretary=True))
    nowhere = f"/uploads/{uuid.uuid4()}"
    for address in (url, nowhere):
        assert other.head(address).status_code == 404
        assert other.patch(address, 0, FILM).status_code == 404
        assert other.delete(address).status_code == 404
    assert browser.head(url)["Upload-Offset"] == "0"
    assert files() == []


def test_without_the_csrf_token_nothing_is_taken(secretary):
    browser = TusBrowser(secretary, enforce_csrf_checks=True)
    assert browser.create().status_code == 403
    assert not Upload.objects.exists()


def test_with_the_csrf_token_in_its_header_all_methods_work(secretary):
    browser = TusBrowser(secretary, enforce_csrf_checks=True)
    token = {"X-CSRFToken": "a1" * 16}
    browser.client.cookies["csrftoken"] = token["X-CSRFToken"]
    url = browser.call("POST", "/uploads/", {"Upload-Length": str(len(FILM)), **token})["Location"]
    assert browser.patch(url, 0, FILM[:10], X_CSRFToken=token["X-CSRFToken"]).status_code == 204
    assert browser.call("DELETE", url, token).status_code == 204


# -- creation --------------------------------------------------------------------------------------


def test_creation_answers_with_a_path_and_makes_no_file_yet(browser):
    answer = browser.create()
    assert answer.status_code == 201
    assert answer["Location"].startswith("/uploads/")
    assert answer["Upload-Offset"] == "0"
    assert "Upload-Expires" in answer.headers
    assert files() == []


@pytest.mark.parametrize("length", ["", "-1", "1.5", "x", "1" * 20])
def test_a_broken_length_is_refused(browser, length):
    assert browser.create(length).status_code == 400
    assert not Upload.objects.exists()


def test_a_length_to_be_told_later_is_refused(browser):
    answer = browser.call("POST", "/uploads/", {"Upload-Defer-Length": "1"})
    assert answer.status_code == 400


def test_an_empty_file_is_refused_with_a_sentence(browser):
    answer = browser.create(0)
    assert answer.status_code == 422
    assert answer.json()["code"] == "empty"
    assert answer.json()["message"]
    assert not Upload.objects.exists()


def test_a_file_over_the_limit_is_refused_with_a_sentence(browser, settings):
    settings.UPLOAD_MAX_BYTES = 1000
    assert browser.create(1000).status_code == 201
    answer = browser.create(1001)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert answer.json()["message"]


def test_unfinished_uploads_of_one_person_have_a_limit_together(browser, settings):
    settings.UPLOAD_MAX_BYTES = 1000
    urls = [browser.begun(1000) for _ in range(3)]
    refused = browser.create(1)
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_unfinished")
    assert TusBrowser(UserFactory(secretary=True)).create(1000).status_code == 201
    browser.delete(urls[0])
    assert browser.create(1000).status_code == 201


def test_too_little_room_on_the_disk_is_said_before_anything_is_sent(browser, monkeypatch):
    monkeypatch.setattr(incoming, "free_bytes", lambda: incoming.SPARE_BYTES + 99)
    answer = browser.create(100)
    assert (answer.status_code, answer.json()["code"]) == (507, "disk_full")
    assert not Upload.objects.exists()
    assert browser.create(99).status_code == 201


@pytest.mark.parametrize(
    "header",
    ["filename %%%", "filename /w==", "filename YQ==,filename YQ==", "f " + "A" * 5000, ","],
)
def test_broken_metadata_is_refused_and_leaves_nothing(browser, header):
    answer = browser.call("POST", "/uploads/", {"Upload-Length": "5", "Upload-Metadata": header})
    assert answer.status_code == 400
    assert not Upload.objects.exists()


def test_a_path_as_file_name_stays_a_label(browser):
    url = browser.begun(filename="../../../etc/cron.d/x\x00.mp4")
    upload = Upload.objects.get()
    assert upload.original_name == "x.mp4"
    browser.patch(url, 0, FILM[:10])
    assert files() == [f"{upload.pk}.part"]


# -- checksum --------------------------------------------------------------------------------------


@pytest.mark.parametrize("algorithm", ["sha256", "sha1", "md5"])
def test_a_chunk_with_its_checksum_is_taken(browser, algorithm):
    url = browser.begun()
    body = FILM[:HALF]
    answer = browser.patch(url, 0, body, Upload_Checksum=checksum(body, algorithm))
    assert (answer.status_code, answer["Upload-Offset"]) == (204, str(HALF))


def test_a_damaged_chunk_is_answered_460_and_nothing_of_it_is_kept(browser):
    url = browser.begun()
    browser.patch(url, 0, FILM[:100])
    answer = browser.patch(url, 100, FILM[100:HALF], Upload_Checksum=checksum(b"other"))
    assert answer.status_code == 460
    assert answer.reason_phrase == "Checksum Mismatch"
    assert browser.head(url)["Upload-Offset"] == "100"
    assert incoming.part_path(Upload.objects.get().pk).stat().st_size == 100


def test_after_a_damaged_chunk_the_right_one_goes_on(browser):
    url = browser.begun()
    browser.patch(url, 0, FILM, Upload_Checksum=checksum(b"other"))
    answer = browser.patch(url, 0, FILM, Upload_Checksum=checksum(FILM))
    assert VideoAsset.objects.get(pk=answer["Lectern-Asset"]).size == len(FILM)


@pytest.mark.parametrize("header", ["crc32 YQ==", "sha256 !", "sha256 YQ=="])
def test_a_broken_checksum_header_is_refused(browser, header):
    url = browser.begun()
    assert browser.patch(url, 0, FILM, Upload_Checksum=header).status_code == 400
    assert browser.head(url)["Upload-Offset"] == "0"


# -- refused by its first bytes --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("这是一个文本文件。\n".encode() * 500, "not_media"),
        (b"\x89PNG\r\n\x1a\n" + bytes(9000), "image"),
        (b"#EXTM3U\n#EXTINF:4,\nfile:///etc/passwd\n" + b" " * 9000, "playlist"),
    ],
)
@pytest.mark.parametrize("with_checksum", [False, True])
def test_what_is_no_film_is_refused_with_its_first_chunk(browser, body, code, with_checksum):
    url = browser.begun(length=50_000_000, filename="lecture.mp4")
    headers = {"Upload_Checksum": checksum(body)} if with_checksum else {}
    answer = browser.patch(url, 0, body, **headers)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert answer.json()["message"]
    assert browser.head(url).status_code == 404
    assert files() == []
    entry = AuditEntry.objects.get(action="upload.refuse")
    assert (entry.result, entry.detail) == ("denied", {"reason": code})


def test_a_head_that_comes_in_crumbs_is_judged_when_it_is_whole(browser):
    url = browser.begun(length=50_000)
    text = b"plain text " * 500
    for offset in range(0, 4000, 1000):
        assert browser.patch(url, offset, text[offset : offset + 1000]).status_code == 204
    assert browser.patch(url, 4000, text[4000:5000]).status_code == 422
    assert files() == []


def test_a_tiny_text_file_is_refused_with_its_only_chunk(browser):
    url = browser.begun(length=5)
    assert browser.patch(url, 0, b"hello").status_code == 422
    assert files() == []
    assert not VideoAsset.objects.exists()


# -- expiration and termination --------------------------------------------------------------------


def test_an_expired_upload_is_gone(browser, secretary):
    upload = UploadFactory(owner=secretary, expires_at=timezone.now())
    assert browser.head(f"/uploads/{upload.pk}").status_code == 410
    assert browser.patch(f"/uploads/{upload.pk}", 0, FILM).status_code == 410


def test_terminating_removes_row_and_bytes(browser):
    url = browser.begun()
    browser.patch(url, 0, FILM[:HALF])
    assert browser.delete(url).status_code == 204
    assert browser.head(url).status_code == 404
    assert browser.delete(url).status_code == 404
    assert files() == []


def test_terminating_a_complete_upload_leaves_its_recording(browser, settings):
    url = browser.begun()
    asset = VideoAsset.objects.get(pk=browser.patch(url, 0, FILM)["Lectern-Asset"])
    assert browser.delete(url).status_code == 204
    assert (settings.MEDIA_ROOT / asset.original_key).read_bytes() == FILM


# -- twice -----------------------------------------------------------------------------------------


def test_the_finishing_request_may_come_twice(browser):
    url = browser.begun()
    browser.patch(url, 0, FILM[:HALF])
    asset = browser.patch(url, HALF, FILM[HALF:])["Lectern-Asset"]
    again = browser.patch(url, HALF, FILM[HALF:])
    assert (again.status_code, again["Upload-Offset"]) == (409, str(len(FILM)))
    head = browser.head(url)
    assert (head["Upload-Offset"], head["Lectern-Asset"]) == (str(len(FILM)), asset)
    assert VideoAsset.objects.count() == TranscodeJob.objects.full().count() == 1
    assert files() == []


def test_the_log_tells_the_way_of_an_upload(browser, secretary):
    browser.patch(browser.begun(), 0, FILM)
    entries = AuditEntry.objects.order_by("id").filter(action__startswith="upload.")
    assert [entry.action for entry in entries] == ["upload.create", "upload.complete"]
    assert {entry.actor for entry in entries} == {secretary}
