import gettext
import os
from pathlib import Path
from typing import Any

import pytest
from babel.messages.mofile import write_mo
from django.utils import translation
from pytest_django.fixtures import Settings

from config.messages import compile_catalogues

PO = """\
msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\\n"

msgid "Go on with the lecture"
msgstr "继续学习"
"""


def catalogue(folder: Path) -> Path:
    path = folder / "zh_Hans" / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True)
    path.write_text(PO, encoding="utf-8")
    return path


def test_a_catalogue_is_compiled_without_gettext_programs(tmp_path: Path) -> None:
    mo = catalogue(tmp_path).with_suffix(".mo")
    assert compile_catalogues([tmp_path]) == [mo]
    with mo.open("rb") as compiled:
        assert gettext.GNUTranslations(compiled).gettext("Go on with the lecture") == "继续学习"


def test_an_unchanged_catalogue_is_left_alone_and_a_changed_one_compiled_again(
    tmp_path: Path,
) -> None:
    po = catalogue(tmp_path)
    mo = po.with_suffix(".mo")
    compile_catalogues([tmp_path])
    assert compile_catalogues([tmp_path]) == []
    later = mo.stat().st_mtime + 5
    os.utime(po, (later, later))
    assert compile_catalogues([tmp_path]) == [mo]


def test_two_sites_that_start_at_the_same_time_compile_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mo = catalogue(tmp_path).with_suffix(".mo")
    others: list[list[Path]] = []

    def write_while_the_other_does_it_all(*arguments: Any) -> None:
        monkeypatch.setattr("config.messages.write_mo", write_mo)
        others.append(compile_catalogues([tmp_path]))
        write_mo(*arguments)

    monkeypatch.setattr("config.messages.write_mo", write_while_the_other_does_it_all)
    assert compile_catalogues([tmp_path]) == [mo]
    assert others == [[mo]]
    assert set(mo.parent.iterdir()) == {mo.with_suffix(".po"), mo}


def test_the_process_that_compiles_speaks_by_the_new_catalogue(
    tmp_path: Path, settings: Settings
) -> None:
    """Else the library of a new installation is titled in English."""
    settings.LOCALE_PATHS = [tmp_path]
    catalogue(tmp_path)
    with translation.override("zh-hans"):
        assert translation.gettext("Go on with the lecture") == "Go on with the lecture"
    compile_catalogues([tmp_path])
    with translation.override("zh-hans"):
        assert translation.gettext("Go on with the lecture") == "继续学习"
