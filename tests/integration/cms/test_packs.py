"""Download packs: for whom, what is in them, and that nginx hands them out."""

import io
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.models import AuditEntry
from media_pipeline import store
from media_pipeline.captions.tracks import captions_put
from media_pipeline.chore_models import Chore
from media_pipeline.chores import chores_do
from media_pipeline.packs import packs_expire
from tests.factories import LecturePageFactory, UserFactory

pytestmark = pytest.mark.django_db

FILM = bytes(range(256)) * 5000
VTT = "00:01.000 --> 00:02.000\n同志们</script><b>好</b>\n".encode()


@pytest.fixture
def lecture(units: SimpleNamespace, settings: Any, tmp_path: Path) -> Any:
    settings.STORAGES = {
        **settings.STORAGES,
        "recordings": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / "media"), "base_url": None},
        },
    }
    lecture = LecturePageFactory(
        organization=units.branch, may_download=True, title="入户走访<五步法>"
    )
    folder = tmp_path / "media" / store.package_folder(lecture.asset.package_id)
    folder.mkdir(parents=True)
    (folder / "progressive.mp4").write_bytes(FILM)
    (folder / "poster.jpg").write_bytes(b"\xff\xd8\xff picture")
    return lecture


@pytest.fixture
def member(client: Client, units: SimpleNamespace) -> Client:
    client.force_login(UserFactory(home=units.branch))
    return client


def pack_url(lecture: Any) -> str:
    return reverse("cms:pack", args=[lecture.pk])


def made(member: Client, lecture: Any) -> Any:
    """The answer that hands the pack out."""
    member.post(pack_url(lecture))
    assert chores_do(should_stop=lambda: False) == 1
    return member.post(pack_url(lecture))


def unpacked(answer: Any, client: Client) -> zipfile.ZipFile:
    body = b"".join(client.get(answer["Location"]))
    archive = zipfile.ZipFile(io.BytesIO(body))
    assert archive.testzip() is None
    return archive


def test_a_pack_holds_the_film_as_it_is_and_what_plays_it(member: Client, lecture: Any) -> None:
    archive = unpacked(made(member, lecture), member)
    assert set(archive.namelist()) == {"video.mp4", "poster.jpg", "index.html", "README.txt"}
    assert archive.read("video.mp4") == FILM
    film = archive.getinfo("video.mp4")
    assert (film.compress_type, film.flag_bits & 8) == (zipfile.ZIP_STORED, 0)


def test_the_texts_are_chinese_and_fit_old_windows(member: Client, lecture: Any) -> None:
    archive = unpacked(made(member, lecture), member)
    read_me = archive.read("README.txt")
    assert read_me.startswith(b"\xef\xbb\xbf")
    assert b"\n" not in read_me.replace(b"\r\n", b"")
    assert "入户走访<五步法>" in read_me.decode()
    assert "入户走访&lt;五步法&gt;" in archive.read("index.html").decode()


def test_captions_come_along_in_the_page_and_as_a_file(member: Client, lecture: Any) -> None:
    captions_put(asset=lecture.asset, data=VTT, actor=lecture.asset.owner, now=timezone.now())
    archive = unpacked(made(member, lecture), member)
    assert archive.read("captions.vtt").decode().endswith("同志们<b>好</b>\n")
    page = archive.read("index.html").decode()
    assert r"\u003Cb\u003E\u597d" in page
    assert page.count("</script>") == 2


def test_the_bytes_are_delivered_by_signed_address_and_can_be_resumed(
    member: Client, lecture: Any
) -> None:
    address = made(member, lecture)["Location"]
    assert address.startswith("/v/")
    whole = b"".join(member.get(address))
    part = member.get(address, headers={"Range": "bytes=1000-"})
    assert (part.status_code, part["Content-Type"]) == (206, "application/zip")
    assert b"".join(part) == whole[1000:]


def test_each_download_is_logged_and_asking_is_not(member: Client, lecture: Any) -> None:
    made(member, lecture)
    assert AuditEntry.objects.filter(action="lecture.download").count() == 1


def test_the_same_pack_is_made_once_and_anew_when_captions_change(
    member: Client, lecture: Any
) -> None:
    first = made(member, lecture)["Location"]
    assert member.post(pack_url(lecture))["Location"].endswith(first.rsplit("/")[-1])
    captions_put(asset=lecture.asset, data=VTT, actor=lecture.asset.owner, now=timezone.now())
    second = made(member, lecture)["Location"]
    assert second.rsplit("/")[-1] != first.rsplit("/")[-1]
    folder = store.package_folder(lecture.asset.package_id)
    packs = [name for name in store.recordings().listdir(folder)[1] if name.endswith(".zip")]
    assert packs == [second.rsplit("/")[-1]]


def test_a_pack_that_was_swept_is_made_again(member: Client, lecture: Any, settings: Any) -> None:
    made(member, lecture)
    settings.DOWNLOAD_KEEP_DAYS = 0
    assert packs_expire(now=timezone.now()) == 1
    folder = store.package_folder(lecture.asset.package_id)
    assert set(store.recordings().listdir(folder)[1]) == {"progressive.mp4", "poster.jpg"}
    assert made(member, lecture)["Location"].startswith("/v/")


def test_the_page_says_how_far_the_pack_is(member: Client, lecture: Any) -> None:
    assert member.get(pack_url(lecture)).context["state"] == ""
    member.post(pack_url(lecture))
    waiting = member.get(pack_url(lecture))
    assert waiting.context["state"] == "waiting"
    assert b'http-equiv="refresh"' in waiting.content
    chores_do(should_stop=lambda: False)
    assert member.get(pack_url(lecture)).context["state"] == "done"


def test_what_the_curator_does_not_offer_is_refused(member: Client, lecture: Any) -> None:
    lecture.may_download = False
    lecture.save()
    assert member.post(pack_url(lecture)).status_code == 403
    assert not Chore.objects.exists()
    assert member.get(lecture.get_url()).context["pack_url"] == ""


def test_a_lecture_that_was_taken_down_gives_no_pack(member: Client, lecture: Any) -> None:
    lecture.unpublish()
    assert member.post(pack_url(lecture)).status_code == 403
