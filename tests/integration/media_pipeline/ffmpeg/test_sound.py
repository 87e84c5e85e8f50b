"""Sound that is too soft, too loud, clipped, silent, short: how loud the track of a package is."""

import wave
from collections.abc import Callable
from pathlib import Path

import pytest

from lms.demo.voice import SAMPLE_RATE, Voice, speak
from media_pipeline.ffmpeg.binary import ffmpeg_binary
from media_pipeline.ffmpeg.bubblewrap import Files
from media_pipeline.ffmpeg.light import LOW, SOUND
from media_pipeline.ffmpeg.loudness import Loudness, read_loudness
from media_pipeline.ffmpeg.outputs import MAKING
from media_pipeline.ffmpeg.probe import probe
from media_pipeline.ffmpeg.runner import RunResult, run
from media_pipeline.ffmpeg.sound import make_sound
from tests.integration.media_pipeline.ffmpeg.films import X264, ffmpeg, make

STILL = "-f lavfi -i color=s=64x64:r=10:d={seconds}"


def noise(path: Path, *, amplitude: float, filters: str = "anull", seconds: float = 8) -> Path:
    graph = f"anoisesrc=d={seconds}:c=pink:a={amplitude}:seed=1:r=48000,{filters}"
    still = STILL.format(seconds=seconds)
    ffmpeg(f"{still} -f lavfi -i", graph, *X264.split(), "-c:a", "pcm_s16le", str(path))
    return path


def apart(path: Path, *, layout: str, channels: int, amplitude: float, filters: str) -> Path:
    """Noise that is another one in each channel, each softer than the one before."""
    noises = [
        f"anoisesrc=d=8:c=pink:a={amplitude / n}:seed={n}:r=48000[c{n}]"
        for n in range(1, channels + 1)
    ]
    inputs = "".join(f"[c{n}]" for n in range(1, channels + 1))
    graph = f"{';'.join(noises)};{inputs}join=inputs={channels}:channel_layout={layout},{filters}"
    still = STILL.format(seconds=8)
    ffmpeg(f"{still} -f lavfi -i", graph, *X264.split(), "-c:a", "pcm_s16le", str(path))
    return path


def voice(path: Path, *, filters: str) -> Path:
    """A sentence, a pause of three seconds, another one; far below the target, as from a phone at
    the end of the table, with peaks that stand out.
    """
    sentences = ["同志们好，今天我们一起学习乡村振兴。", "谢谢大家，我们下次再见。"]
    spoken = speak(sentences, voice=Voice.MALE, work_dir=path.parent)
    with wave.open(str(path.with_suffix(".wav")), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(SAMPLE_RATE)
        for samples in spoken:
            out.writeframes(samples.tobytes() + bytes(6 * SAMPLE_RATE))
    sound = f"-i {path.with_suffix('.wav')}"
    still = STILL.format(seconds=12)
    ffmpeg(f"{still} {sound} -af", filters, *X264.split(), "-c:a", "pcm_s16le", str(path))
    return path


def measured(path: Path) -> Loudness:
    meter = ["-v", "info", "-nostats", "-i", str(path), "-map", "0:a"]
    meter += ["-af", "ebur128=peak=true:framelog=quiet", "-f", "null", "-"]
    loudness = read_loudness(run([ffmpeg_binary(), "-nostdin", *meter], files=None).stderr_tail)
    assert loudness is not None
    return loudness


def made(source: Path, out_dir: Path) -> tuple[Loudness, list[list[str]]]:
    """The loudness of the track made from `source`, and the commands it took."""
    commands: list[list[str]] = []

    def through(command: list[str]) -> RunResult:
        commands.append(command)
        return run(command, files=Files(reads=(source,), writes=out_dir), cwd=out_dir)

    facts = probe(source)
    (out_dir / MAKING).mkdir(parents=True)
    make_sound(out_dir, facts, source=source, binary=ffmpeg_binary(), run=through)
    return measured(out_dir / "audio" / "index.m3u8"), commands


@pytest.mark.parametrize(
    ("maker", "most_commands"),
    [
        (lambda p: noise(p, amplitude=0.2), 4),
        (lambda p: noise(p, amplitude=1, filters="volume=8dB"), 6),
        (lambda p: noise(p, amplitude=1, filters="volume=30dB"), 6),
        (lambda p: noise(p, amplitude=0.1, seconds=1), 4),
        (lambda p: voice(p, filters="volume=-8dB"), 8),
        (lambda p: voice(p, filters="volume=24dB,aformat=s16"), 6),
        (lambda p: noise(p, amplitude=0.2, filters="tremolo=f=0.5:d=0.98"), 6),
    ],
    ids=["quiet", "loud", "clipped", "one second", "speech", "clipped speech", "pumping"],
)
def test_sound_comes_out_as_loud_as_it_should(
    tmp_path: Path, maker: Callable[[Path], Path], most_commands: int
) -> None:
    loudness, commands = made(maker(tmp_path / "film.mkv"), tmp_path / "out")
    assert abs(loudness.integrated + 16) <= 1
    assert loudness.peak <= -1.5
    assert len(commands) <= most_commands


BESIDE = "pan=stereo|c0=c0|c1=0.4*c0"


@pytest.mark.parametrize(
    "maker",
    [
        pytest.param(
            lambda p: apart(p, layout="stereo", channels=2, amplitude=0.2, filters="anull"),
            id="quiet",
            marks=pytest.mark.long,
        ),
        pytest.param(
            lambda p: apart(p, layout="stereo", channels=2, amplitude=1, filters="volume=30dB"),
            id="clipped",
            marks=pytest.mark.long,
        ),
        pytest.param(lambda p: voice(p, filters=f"volume=-8dB,{BESIDE}"), id="speech"),
        pytest.param(
            lambda p: voice(p, filters=f"volume=24dB,aformat=s16,{BESIDE}"),
            id="clipped speech",
            marks=pytest.mark.long,
        ),
        pytest.param(
            lambda p: apart(p, layout="5.1", channels=6, amplitude=1, filters="volume=8dB"),
            id="5.1",
        ),
    ],
)
def test_channels_that_differ_come_out_as_loud_as_they_should(
    tmp_path: Path, maker: Callable[[Path], Path]
) -> None:
    loudness, _ = made(maker(tmp_path / "film.mkv"), tmp_path / "out")
    print(loudness)
    assert abs(loudness.integrated + 16) <= 0.5
    assert loudness.peak <= -1.5


@pytest.mark.parametrize(
    ("maker", "least"),
    [
        pytest.param(lambda p: voice(p, filters="volume=24dB,aformat=s16"), -17, id="mono"),
        # Two channels that have nothing in common lose half of their loudness in one.
        pytest.param(
            lambda p: apart(p, layout="stereo", channels=2, amplitude=1, filters="volume=8dB"),
            -23,
            id="stereo",
            marks=pytest.mark.long,
        ),
        pytest.param(
            lambda p: voice(p, filters=f"volume=24dB,aformat=s16,{BESIDE}"),
            -20,
            id="speech in stereo",
            marks=pytest.mark.long,
        ),
    ],
)
def test_the_light_files_are_not_too_loud_either(
    tmp_path: Path, maker: Callable[[Path], Path], least: float
) -> None:
    make(maker(tmp_path / "film.mkv"), tmp_path / "out")
    for name in (SOUND, LOW):
        loudness = measured(tmp_path / "out" / name)
        print(name, loudness)
        assert least <= loudness.integrated <= -15
        assert loudness.peak <= -1.5


def test_a_whisper_is_lifted_by_what_is_allowed_and_no_more(tmp_path: Path) -> None:
    source = noise(tmp_path / "film.mkv", amplitude=0.002)
    before = measured(source)
    after, _ = made(source, tmp_path / "out")
    assert before.integrated < -40
    assert abs(after.integrated - before.integrated - 20) < 0.7


@pytest.mark.parametrize("amplitude", [0.0, 0.0001], ids=["digital", "hiss"])
def test_silence_stays_silent(tmp_path: Path, amplitude: float) -> None:
    loudness, commands = made(noise(tmp_path / "film.mkv", amplitude=amplitude), tmp_path / "out")
    assert loudness.is_silence
    assert loudness.peak < -60
    assert len(commands) == 2
