"""The admin reads in Chinese: what Wagtail's own catalogue lacks is in locale/wagtail."""

import re
from pathlib import Path

import polib
import pytest
import wagtail
from django.conf import settings

WAGTAIL = Path(wagtail.__file__).parent
APPS = ["", "admin", "locales", "search", "sites", "snippets", "users"]
OVERLAY = Path(settings.BASE_DIR) / "locale" / "wagtail" / "zh_Hans" / "LC_MESSAGES"
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+\}")


def catalogue(app: str, language: str, domain: str) -> list[polib.POEntry]:
    path = WAGTAIL / app / "locale" / language / "LC_MESSAGES" / f"{domain}.po"
    return [entry for entry in polib.pofile(str(path)) if not entry.obsolete]


def key(entry: polib.POEntry) -> tuple[str | None, str]:
    return entry.msgctxt, entry.msgid


@pytest.mark.parametrize(("domain", "apps"), [("django", APPS), ("djangojs", ["admin"])])
def test_every_string_of_the_admin_is_translated(domain: str, apps: list[str]) -> None:
    overlay = {key(entry) for entry in polib.pofile(str(OVERLAY / f"{domain}.po"))}
    for app in apps:
        done = {key(e) for e in catalogue(app, "zh_Hans", domain) if e.translated()} | overlay
        missing = [e.msgid for e in catalogue(app, "en", domain) if key(e) not in done]
        assert missing == [], app


@pytest.mark.parametrize("domain", ["django", "djangojs"])
def test_the_overlay_is_complete_and_invents_no_placeholders(domain: str) -> None:
    for entry in polib.pofile(str(OVERLAY / f"{domain}.po")):
        assert entry.translated(), entry.msgid
        assert not entry.fuzzy, entry.msgid
        known = set(PLACEHOLDER.findall(entry.msgid + entry.msgid_plural))
        for text in [entry.msgstr, *entry.msgstr_plural.values()]:
            assert set(PLACEHOLDER.findall(text)) <= known, entry.msgid


@pytest.mark.parametrize("domain", ["django", "djangojs"])
def test_chinese_sentences_use_chinese_punctuation(domain: str) -> None:
    for entry in polib.pofile(str(OVERLAY / f"{domain}.po")):
        for text in [entry.msgstr, *entry.msgstr_plural.values()]:
            assert not re.search(r"[一-鿿][,;:?!()]", text), text
