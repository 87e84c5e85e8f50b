from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from lms.demo.encoding import film_command, rotation_command
from lms.demo.lectures import Film

FILM = Film(container="mp4", codec="h264", width=320, height=180, fps=25)


def command(film: Film) -> list[str]:
    return film_command(
        film=film,
        pictures=Path("p.ffconcat"),
        voice=Path("v.wav"),
        makeup=2.0,
        frames=50,
        out=Path("out"),
        binary="/bin/ffmpeg",
    )


def test_a_turned_film_is_stored_against_the_turn() -> None:
    assert "transpose=cclock" in " ".join(command(replace(FILM, rotation=90)))
    assert "transpose" not in " ".join(command(FILM))


def test_the_flag_is_counted_counter_clockwise() -> None:
    argv = rotation_command(
        film=replace(FILM, rotation=90), source=Path("a"), out=Path("b"), binary="/bin/ffmpeg"
    )
    assert argv[argv.index("-display_rotation:v:0") + 1] == "270"


def test_vp8_is_coded_in_the_colours_its_players_assume() -> None:
    graph = " ".join(command(replace(FILM, container="webm", codec="vp8")))
    assert "out_color_matrix=bt601" in graph
    assert "colorspace=smpte170m" in graph


def test_only_an_uneven_film_keeps_its_own_times() -> None:
    def mode(film: Film) -> str:
        argv = command(film)
        return argv[argv.index("-fps_mode") + 1]

    assert mode(FILM) == "cfr"
    assert mode(replace(FILM, variable_rate=True)) == "passthrough"
