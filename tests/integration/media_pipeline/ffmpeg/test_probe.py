"""What is refused, with which reason; and that a hostile file costs no more than its refusal."""

import json
import random
import socket
from pathlib import Path

import pytest

from media_pipeline.ffmpeg import probe as module
from media_pipeline.ffmpeg.probe import Limits, probe
from media_pipeline.ffmpeg.refusals import MediaRefused, Refusal
from media_pipeline.ffmpeg.runner import FailureReason, MediaProcessFailed, MediaProcessStopped
from tests.integration.media_pipeline.ffmpeg.films import X264, ffmpeg, film

DEFAULT = Limits()


def refusal(path: Path, limits: Limits = DEFAULT) -> MediaRefused:
    with pytest.raises(MediaRefused) as refused:
        probe(path, limits=limits)
    return refused.value


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.touch()
    assert refusal(path).code is Refusal.EMPTY


def test_a_text_named_mp4_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_text("第一讲 党章学习\n" * 50)
    assert refusal(path).code is Refusal.NOT_MEDIA


@pytest.mark.parametrize("name", ["film.png", "film.jpg", "film.gif", "film.webp"])
def test_a_picture_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    ffmpeg("-f lavfi -i testsrc2=s=64x64:d=1 -frames:v 1", str(path))
    assert refusal(path).code is Refusal.IMAGE


@pytest.mark.parametrize(
    "text",
    [
        "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{url}\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile '{url}'\n",
        '<?xml version="1.0"?><MPD><Period><BaseURL>{url}</BaseURL></Period></MPD>',
    ],
)
def test_a_playlist_named_mp4_is_refused_and_followed_nowhere(tmp_path: Path, text: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        path = tmp_path / "film.mp4"
        path.write_text(text.format(url=f"http://127.0.0.1:{server.getsockname()[1]}/a.ts"))
        assert refusal(path).code is Refusal.PLAYLIST
        with pytest.raises(TimeoutError):
            server.accept()


def test_a_recording_without_its_index_is_damaged(tmp_path: Path) -> None:
    data = film(tmp_path / "film.mp4").read_bytes()
    path = tmp_path / "cut.mp4"
    path.write_bytes(data[: data.index(b"moov") - 4])
    assert refusal(path).code is Refusal.DAMAGED


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9, 0.99])
def test_a_copy_that_broke_off_is_damaged(lecture: Path, tmp_path: Path, share: float) -> None:
    data = lecture.read_bytes()
    path = tmp_path / "cut.mp4"
    path.write_bytes(data[: int(len(data) * share)])
    assert refusal(path).code is Refusal.DAMAGED


@pytest.mark.parametrize("name", ["film.mkv", "film.webm", "film.avi"])
def test_other_containers_that_broke_off_are_damaged(tmp_path: Path, name: str) -> None:
    if name.endswith("webm"):
        whole = film(tmp_path / name, seconds=4, video="-c:v libvpx -g 15", audio="-c:a libopus")
    else:
        whole = film(tmp_path / name, seconds=4, video=f"{X264} -g 15")
    data = whole.read_bytes()
    path = tmp_path / f"cut-{name}"
    path.write_bytes(data[: len(data) * 6 // 10])
    assert refusal(path).code is Refusal.DAMAGED


def test_a_film_with_a_hole_of_zeros_is_damaged(lecture: Path, tmp_path: Path) -> None:
    """As file transfer programs leave it: the right size, no content."""
    data = bytearray(lecture.read_bytes())
    data[len(data) // 3 :] = bytes(len(data) - len(data) // 3)
    path = tmp_path / "hole.mp4"
    path.write_bytes(data)
    assert refusal(path).code is Refusal.DAMAGED


def test_an_mp4_of_rubbish_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(b"\0\0\0\x18ftypisom\0\0\2\0isomiso2" + random.Random(1).randbytes(5000))
    assert refusal(path).code is Refusal.DAMAGED


def test_a_file_of_neither_picture_nor_sound_is_refused(tmp_path: Path) -> None:
    (tmp_path / "words.srt").write_text("1\n00:00:00,000 --> 00:00:09,000\n第一讲\n")
    path = tmp_path / "words.mp4"
    ffmpeg(f"-i {tmp_path}/words.srt -c:s mov_text", str(path))
    assert refusal(path).code is Refusal.NOTHING_RECORDED


@pytest.mark.parametrize("name", ["voice.m4a", "voice.wav", "voice.flac"])
def test_a_sound_recording_that_broke_off_is_damaged(tmp_path: Path, name: str) -> None:
    ffmpeg("-f lavfi -i anoisesrc=d=8:a=0.1 -movflags +faststart", str(tmp_path / name))
    data = (tmp_path / name).read_bytes()
    path = tmp_path / f"cut-{name}"
    path.write_bytes(data[: len(data) * 6 // 10])
    assert refusal(path).code is Refusal.DAMAGED


def test_a_picture_without_a_sound_that_it_belongs_to_is_no_lecture(tmp_path: Path) -> None:
    """Sound of no length with a cover: there is nothing to play."""
    ffmpeg("-f lavfi -i testsrc2=s=64x64:d=1 -frames:v 1", str(tmp_path / "cover.png"))
    path = tmp_path / "song.m4a"
    ffmpeg(
        f"-f lavfi -i sine=d=0.1 -i {tmp_path}/cover.png -map 0 -map 1 -c:a aac -c:v png"
        " -disposition:v attached_pic",
        str(path),
    )
    assert refusal(path).code is Refusal.TOO_SHORT


def test_a_codec_that_no_camera_writes_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    path = film(tmp_path / "film.mov", video="-c:v png", sound="")
    assert refusal(path).code is Refusal.UNSUPPORTED
    assert refusal(path).params == {"what": "png"}


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (Limits(max_seconds=1.5), Refusal.TOO_LONG),
        (Limits(min_seconds=3), Refusal.TOO_SHORT),
        (Limits(max_bytes=1000), Refusal.TOO_LARGE),
        (Limits(max_pixels=320 * 179), Refusal.TOO_BIG_PICTURE),
    ],
)
def test_a_film_beyond_a_limit_is_refused_with_its_figures(
    tmp_path: Path, limits: Limits, code: Refusal
) -> None:
    refused = refusal(film(tmp_path / "film.mp4"), limits)
    assert refused.code is code
    assert refused.params


def test_more_pictures_a_second_than_any_camera_makes_are_refused(tmp_path: Path) -> None:
    path = film(tmp_path / "film.mp4", size="128x72", rate=600, seconds=1)
    assert refusal(path).code is Refusal.TOO_MANY_PICTURES


def test_more_tracks_than_any_recorder_writes_are_refused(tmp_path: Path) -> None:
    source = film(tmp_path / "film.mp4", size="128x72", seconds=1)
    path = tmp_path / "many.mp4"
    ffmpeg(f"-i {source} -map 0:v {'-map 0:a ' * 65}-c copy", str(path))
    assert refusal(path).code is Refusal.UNSUPPORTED


def test_a_slow_disk_refuses_no_film(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0)  # its time is up before its CPU is
    path = film(tmp_path / "film.mp4")
    with pytest.raises(MediaProcessFailed) as failed:
        probe(path)
    assert failed.value.reason is FailureReason.UNREAD


def test_a_probe_can_be_stopped(tmp_path: Path) -> None:
    with pytest.raises(MediaProcessStopped):
        probe(film(tmp_path / "film.mp4"), should_stop=lambda: True)


@pytest.mark.parametrize("name", ["film.mp4", "film.mkv", "film.ts", "film.flv"])
def test_the_beginning_of_a_long_film_tells_what_all_of_it_tells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(module, "ENOUGH", (60, 10**9))
    path = film(tmp_path / name, seconds=12, video=f"{X264} -g 15")
    whole, told = probe(path), probe(path, beginning=True)
    assert (whole.whole, told.whole) == (True, False)
    assert told.duration == pytest.approx(whole.duration, abs=0.1)
    assert told.video_end == pytest.approx(whole.video_end, abs=0.1)
    assert (told.width, told.height, told.fps) == (whole.width, whole.height, whole.fps)
    assert told.can_remux == whole.can_remux
    assert told.keyframe_gap == pytest.approx(whole.keyframe_gap, abs=0.1)


@pytest.mark.parametrize(("share", "whole"), [(0.7, False), (1.3, True)])
def test_enough_is_counted_in_bytes_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, share: float, whole: bool
) -> None:
    path = film(tmp_path / "film.mp4", seconds=8, video=f"{X264} -g 15")
    monkeypatch.setattr(module, "ENOUGH", (10**6, int(path.stat().st_size * share)))
    assert probe(path, beginning=True).whole is whole


def test_a_film_that_does_not_say_how_long_it_is_is_read_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ENOUGH", (10, 10**9))
    path = film(tmp_path / "film.webm", video="-c:v libvpx -g 15", audio="-c:a libopus -live 1")
    assert probe(path, beginning=True).whole


def test_a_copy_that_broke_off_is_damaged_at_the_first_look(
    lecture: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ENOUGH", (10, 10**9))
    path = tmp_path / "cut.mp4"
    path.write_bytes(lecture.read_bytes()[: lecture.stat().st_size * 6 // 10])
    with pytest.raises(MediaRefused):
        probe(path, beginning=True)


def test_an_edited_film_and_a_fragmented_one_are_whole(tmp_path: Path) -> None:
    source = film(tmp_path / "film.mp4", seconds=4, video=f"{X264} -g 15")
    ffmpeg(f"-ss 1.5 -i {source} -c copy", str(tmp_path / "cut.mp4"))
    ffmpeg(f"-i {source} -c copy -movflags frag_keyframe+empty_moov", str(tmp_path / "frag.mp4"))
    assert abs(probe(tmp_path / "cut.mp4").duration - 2.5) < 0.6
    assert abs(probe(tmp_path / "frag.mp4").duration - 4) < 0.2


@pytest.mark.parametrize("seed", range(6))
def test_flipped_bytes_give_facts_or_a_refusal(lecture: Path, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    data = bytearray(lecture.read_bytes())
    index = data.index(b"moov")
    length = int.from_bytes(data[index - 4 : index], "big")
    for _ in range(1 + 4 * seed):
        data[chance.randrange(index, index + length)] = chance.randrange(256)
    path = tmp_path / "film.mp4"
    path.write_bytes(data)
    try:
        assert probe(path).duration > 0
    except MediaRefused:
        return


def test_the_facts_can_be_kept_as_json(lecture: Path) -> None:
    facts = probe(lecture)
    told = json.loads(json.dumps(facts.as_json()))
    assert told["fps"] == 10.0
    assert told["container"] == "mov"
    assert told["audio"]["codec"] == "aac"
    assert facts.fps == 10
