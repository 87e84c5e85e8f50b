import gettext
import os
from pathlib import Path

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
