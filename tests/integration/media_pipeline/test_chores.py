"""Small work on finished recordings: asked once, worked once, tried three times; with a real film
the pictures and the voice.
"""

import datetime as dt
import shutil
import time
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from PIL import Image

from media_pipeline import chores, posters, store
from media_pipeline.captions.models import CaptionTrack
from media_pipeline.captions.recognition import recognition_sweep
from media_pipeline.chore_models import Chore
from media_pipeline.chores import chore_ask, chores_do
from media_pipeline.delivery import poster_name
from media_pipeline.ffmpeg.binary import ffmpeg_binary
from media_pipeline.ffmpeg.light import SOUND
from media_pipeline.ffmpeg.runner import MediaProcessStopped, run
from media_pipeline.manifest import manifest_read, manifest_write
from media_pipeline.models import Package, VideoAsset
from media_pipeline.posters import poster_choose, posters_sweep
from tests.factories import UserFactory, VideoAssetFactory

pytestmark = pytest.mark.django_db

SECONDS = 12


def go_on() -> bool:
    return False


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds of black, four of a test picture, four of one colour; a tone."""
    path = tmp_path_factory.mktemp("poster") / "film.mp4"
    parts = ["color=black:s=320x180:r=5:d=4[a]", "testsrc2=s=320x180:r=5:d=4[b]"]
    parts += ["color=red:s=320x180:r=5:d=4[c]", "[a][b][c]concat=n=3[v]"]
    run(
        [
            *(ffmpeg_binary(), "-nostdin", "-v", "error", "-f", "lavfi", "-i", "sine=440:d=12"),
            *("-filter_complex", ";".join(parts), "-map", "[v]", "-map", "0:a"),
            *("-c:v", "libx264", "-preset", "ultrafast", "-g", "5", "-c:a", "aac", str(path)),
        ],
        files=None,
    )
    return path


@pytest.fixture
def asset(film: Path) -> VideoAsset:
    asset = VideoAssetFactory(ready=True, duration=float(SECONDS), width=320, height=180)
    asset.package.light = True
    asset.package.save()
    folder = store.local_path(store.package_folder(asset.package_id))
    assert folder is not None
    folder.mkdir(parents=True)
    for name in ("progressive.mp4", SOUND):
        shutil.copy(film, folder / name)
    (folder / "poster.jpg").write_bytes(b"the first one")
    return asset


def middle_of(picture: Path) -> tuple[int, ...]:
    with Image.open(picture) as image:
        found = image.convert("RGB").getpixel((image.width // 2, image.height // 2))
    assert isinstance(found, tuple)
    return found


def poster_of(asset: VideoAsset) -> Path:
    asset.refresh_from_db()
    path = store.local_path(f"{store.PACKAGES}/{asset.poster}")
    assert path is not None
    return path


# -- the queue -------------------------------------------------------------------------------------


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Packing stands for all work; each item is raised or returned in turn."""
    outcomes: list[Any] = []

    def act(chore: Chore, should_stop: Callable[[], bool]) -> dict[str, Any]:
        outcome = outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        found: dict[str, Any] = outcome
        return found

    monkeypatch.setitem(chores._WORK, Chore.Kind.PACK, act)
    return outcomes


def ask(asset: VideoAsset, **wish: Any) -> Chore:
    return chore_ask(asset=asset, kind=Chore.Kind.PACK, wish=wish, now=timezone.now())


def test_the_same_wish_is_worked_once(work: list[Any]) -> None:
    work += [{"bytes": 1}]
    asset = VideoAssetFactory(ready=True)
    ask(asset, name="a")
    assert chores_do(should_stop=go_on) == 1
    chore = ask(asset, name="a")
    assert (chore.state, chore.result) == (Chore.State.DONE, {"bytes": 1})
    assert chores_do(should_stop=go_on) == 0


def test_another_wish_replaces_the_first(work: list[Any]) -> None:
    work += [{"bytes": 1}, {"bytes": 2}]
    asset = VideoAssetFactory(ready=True)
    ask(asset, name="a")
    chores_do(should_stop=go_on)
    ask(asset, name="b")
    chores_do(should_stop=go_on)
    assert Chore.objects.get().result == {"bytes": 2}


def test_what_fails_three_times_stays_with_its_reason_until_somebody_asks_again(
    work: list[Any],
) -> None:
    work += [ValueError("一"), ValueError("二"), ValueError("三"), {}]
    asset = VideoAssetFactory(ready=True)
    ask(asset)
    assert chores_do(should_stop=go_on) == 3
    chore = Chore.objects.get()
    assert (chore.state, chore.reason) == (Chore.State.FAILED, "三")
    assert ask(asset).state == Chore.State.WAITING
    chores_do(should_stop=go_on)
    assert Chore.objects.get().state == Chore.State.DONE


def test_a_worker_that_is_stopped_gives_the_chore_back_uncounted(work: list[Any]) -> None:
    work += [MediaProcessStopped()]
    ask(VideoAssetFactory(ready=True))
    stops = iter([False, True])
    chores_do(should_stop=lambda: next(stops))
    chore = Chore.objects.get()
    assert (chore.state, chore.attempt, chore.claimed_until) == (Chore.State.WAITING, 0, None)


def test_what_a_dead_worker_held_is_taken_again_and_runs_out_of_attempts(work: list[Any]) -> None:
    ask(VideoAssetFactory(ready=True))
    gone = timezone.now() - dt.timedelta(seconds=1)
    Chore.objects.update(attempt=1, claimed_until=timezone.now() + dt.timedelta(minutes=1))
    assert chores_do(should_stop=go_on) == 0
    Chore.objects.update(attempt=3, claimed_until=gone)
    assert chores_do(should_stop=go_on) == 0
    chore = Chore.objects.get()
    assert (chore.state, chore.claimed_until) == (Chore.State.FAILED, None)


def test_a_claim_by_a_clock_that_ran_ahead_holds_nobody_up(work: list[Any]) -> None:
    asset = VideoAssetFactory(ready=True)
    ask(asset, second=1)
    work.append({})
    next_year = timezone.now() + dt.timedelta(days=365)
    Chore.objects.update(attempt=1, claimed_until=next_year)
    assert chores_do(should_stop=lambda: False) == 1
    assert Chore.objects.get().state == Chore.State.DONE


def test_a_wish_that_came_meanwhile_is_not_overwritten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asset = VideoAssetFactory(ready=True)

    def act(chore: Chore, should_stop: Callable[[], bool]) -> dict[str, Any]:
        if chore.wish == {"name": "a"}:
            ask(asset, name="b")
        return {"made": chore.wish["name"]}

    monkeypatch.setitem(chores._WORK, Chore.Kind.PACK, act)
    ask(asset, name="a")
    chores_do(should_stop=go_on)
    assert Chore.objects.get().result == {"made": "b"}


def test_what_people_wait_for_does_not_wait_for_recognition(work: list[Any], settings: Any) -> None:
    settings.SPEECH_RECOGNISER = f"{__name__}.stand_in"
    work += [{"bytes": 1}]
    asset = VideoAssetFactory(ready=True)
    for kind in (Chore.Kind.SPEECH, Chore.Kind.PACK):
        chore_ask(asset=asset, kind=kind, wish={}, now=timezone.now())
    assert chores_do(should_stop=go_on) == 1
    assert asset.chores.get(kind=Chore.Kind.PACK).state == Chore.State.DONE
    assert not chores.chores_due(now=timezone.now())
    assert chores.chores_due(now=timezone.now(), long=True)


@pytest.mark.django_db(transaction=True)
def test_a_claim_is_kept_while_its_worker_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chores, "RENEW_SECONDS", 0.02)
    asset = VideoAssetFactory(ready=True)

    def act(chore: Chore, should_stop: Callable[[], bool]) -> dict[str, Any]:
        gone = timezone.now() - dt.timedelta(seconds=1)
        Chore.objects.update(claimed_until=gone)
        assert until(lambda: not chores.chores_due(now=timezone.now()))
        assert not should_stop()
        return {"made": True}

    monkeypatch.setitem(chores._WORK, Chore.Kind.PACK, act)
    ask(asset)
    assert chores_do(should_stop=go_on) == 1
    assert Chore.objects.get().result == {"made": True}


@pytest.mark.django_db(transaction=True)
def test_work_that_was_taken_over_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chores, "RENEW_SECONDS", 0.02)
    asset = VideoAssetFactory(ready=True)

    def act(chore: Chore, should_stop: Callable[[], bool]) -> dict[str, Any]:
        if chore.wish == {"name": "a"}:
            ask(asset, name="b")
            assert until(should_stop)
            raise MediaProcessStopped
        return {"made": chore.wish["name"]}

    monkeypatch.setitem(chores._WORK, Chore.Kind.PACK, act)
    ask(asset, name="a")
    assert chores_do(should_stop=go_on) == 2
    assert Chore.objects.get().result == {"made": "b"}


def until(true: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 60
    while not true() and time.monotonic() < deadline:
        time.sleep(0.01)
    return true()


# -- pictures --------------------------------------------------------------------------------------


def test_a_person_s_choice_is_taken_and_stays(asset: VideoAsset) -> None:
    poster_choose(asset=asset, second=10.2, actor=UserFactory(), now=timezone.now())
    assert posters_sweep() == 0
    chores_do(should_stop=go_on)
    red, green, blue = middle_of(poster_of(asset))
    assert red > 200
    assert max(green, blue) < 60


def test_the_picture_before_is_not_kept(asset: VideoAsset) -> None:
    for second in (5.0, 10.0):
        poster_choose(asset=asset, second=second, actor=UserFactory(), now=timezone.now())
        chores_do(should_stop=go_on)
    folder = poster_of(asset).parent
    assert sorted(path.name for path in folder.glob("poster*")) == [
        "poster.jpg",
        "poster_000010000.jpg",
    ]


def made_anew(asset: VideoAsset, film: Path) -> None:
    package = Package.objects.create(asset=asset, light=True, bytes=1)
    folder = store.local_path(store.package_folder(package.key))
    assert folder is not None
    folder.mkdir(parents=True)
    shutil.copy(film, folder / "progressive.mp4")
    VideoAsset.objects.filter(pk=asset.pk).update(package=package)


def test_a_recording_that_is_made_anew_gets_its_picture_again(
    asset: VideoAsset, film: Path
) -> None:
    poster_choose(asset=asset, second=10.0, actor=UserFactory(), now=timezone.now())
    chores_do(should_stop=go_on)
    before = poster_of(asset)
    made_anew(asset, film)
    asset.refresh_from_db()
    assert poster_name(asset) == "poster.jpg"
    assert posters_sweep() == 1
    chores_do(should_stop=go_on)
    after = poster_of(asset)
    assert after.name == before.name == poster_name(asset)
    assert after.parent != before.parent
    assert after.read_bytes() == before.read_bytes()
    assert posters_sweep() == 0


def test_a_picture_that_cannot_be_taken_again_keeps_nobody_waiting(
    asset: VideoAsset, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posters, "ASKED_PER_SWEEP", 1)
    poster_choose(asset=asset, second=10.0, actor=UserFactory(), now=timezone.now())
    chores_do(should_stop=go_on)
    made_anew(asset, film)
    assert posters_sweep() == 1
    Chore.objects.filter(kind=Chore.Kind.POSTER_FRAME).update(state=Chore.State.FAILED)
    assert posters_sweep() == 0
    other = VideoAssetFactory(ready=True, poster="before/poster_000001000.jpg")
    wish = {"second": 1.0, "package": "before"}
    chore_ask(asset=other, kind=Chore.Kind.POSTER_FRAME, wish=wish, now=timezone.now())
    assert posters_sweep() == 1
    assert Chore.objects.get(asset=other).wish["package"] == other.package_id


def test_pictures_are_known_to_the_manifest_as_long_as_they_are_there(asset: VideoAsset) -> None:
    folder = store.local_path(store.package_folder(str(asset.package_id)))
    assert folder is not None
    manifest_write(folder)
    for second in (5.0, 10.0):
        poster_choose(asset=asset, second=second, actor=UserFactory(), now=timezone.now())
        chores_do(should_stop=go_on)
    known = manifest_read(store.package_folder(str(asset.package_id)))
    assert known is not None
    assert sorted(name for name in known if name.startswith("poster")) == [
        "poster.jpg",
        "poster_000010000.jpg",
    ]


def test_pictures_are_taken_from_a_remote_store(
    asset: VideoAsset, film: Path, request: pytest.FixtureRequest
) -> None:
    remote = request.getfixturevalue("remote_store")
    with film.open("rb") as file:
        remote.save(f"{store.package_folder(asset.package_id)}/progressive.mp4", file)
    poster_choose(asset=asset, second=10.0, actor=UserFactory(), now=timezone.now())
    chores_do(should_stop=go_on)
    asset.refresh_from_db()
    assert remote.exists(f"packages/{asset.poster}")


# -- speech ----------------------------------------------------------------------------------------

HEARD: list[tuple[int, int, float]] = []


def stand_in(audio: Path, *, language: str, should_stop: Callable[[], bool]) -> str:
    """A recogniser for the tests: notes what it got, answers with an SRT."""
    with wave.open(str(audio)) as sound:
        length = sound.getnframes() / sound.getframerate()
        HEARD.append((sound.getframerate(), sound.getnchannels(), length))
    return "1\n00:00:01,000 --> 00:00:02,000\n<script>同志们</script>好\n"


def nonsense(audio: Path, *, language: str, should_stop: Callable[[], bool]) -> bytes:
    return b"no captions at all"


def test_without_a_recogniser_nothing_is_asked(asset: VideoAsset) -> None:
    assert recognition_sweep() == 0
    assert not Chore.objects.exists()


def test_a_recogniser_gets_the_voice_and_its_answer_is_unchecked(
    asset: VideoAsset, settings: Any
) -> None:
    settings.SPEECH_RECOGNISER = f"{__name__}.stand_in"
    HEARD.clear()
    assert recognition_sweep() == 1
    assert recognition_sweep() == 0
    chores_do(should_stop=go_on, long=True)
    track = CaptionTrack.objects.get(asset=asset)
    assert track.is_unchecked
    assert track.text.endswith("同志们好\n")
    ((rate, channels, length),) = HEARD
    assert (rate, channels) == (16_000, 1)
    assert length == pytest.approx(SECONDS, abs=0.2)


def test_what_a_recogniser_says_goes_through_the_same_parser(
    asset: VideoAsset, settings: Any
) -> None:
    settings.SPEECH_RECOGNISER = f"{__name__}.nonsense"
    recognition_sweep()
    chores_do(should_stop=go_on, long=True)
    assert not CaptionTrack.objects.exists()
    assert Chore.objects.get().state == Chore.State.FAILED
