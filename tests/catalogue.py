"""The zh-Hans catalogue: complete, without fuzzy entries, in step with the sources.

`python -m tests.catalogue` checks, `--write` extracts anew and keeps the translations.
Extraction needs Debian's gettext; compiling for use, which it does as well, does not
(`config.messages`).
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import polib

from config.messages import compile_catalogues

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = Path("locale/zh_Hans/LC_MESSAGES/django.po")
PACKAGES = ["audit", "cms", "config", "lms", "media_pipeline", "notices", "organizations"]
IGNORED = ["node_modules", "var", ".venv", "tests", "benchmarks", "docs"]


def extract(folder: Path) -> polib.POFile:
    """The catalogue as the sources of today would have it, translations kept."""
    for name in [*PACKAGES, "templates", "locale", "manage.py"]:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)
    argv = [sys.executable, "manage.py", "makemessages", "-l", "zh_Hans", "--no-wrap", "-v", "0"]
    argv += ["--add-location", "file", "--no-obsolete"]
    argv += [option for name in IGNORED for option in ("-i", name)]
    environment = {**os.environ, "LECTERN_VAR": str(folder / "var")}
    subprocess.run(argv, cwd=folder, env=environment, check=True)
    return polib.pofile(str(folder / CATALOGUE))


def problems(today: polib.POFile, stored: polib.POFile) -> list[str]:
    found = []
    known = {(entry.msgctxt, entry.msgid) for entry in stored if not entry.obsolete}
    wanted = {(entry.msgctxt, entry.msgid) for entry in today}
    found += [f"not in the catalogue: {msgid!r}" for _, msgid in sorted(wanted - known, key=str)]
    found += [f"no longer used: {msgid!r}" for _, msgid in sorted(known - wanted, key=str)]
    for entry in stored:
        if entry.obsolete:
            found.append(f"obsolete: {entry.msgid!r}")
        elif entry.fuzzy:
            found.append(f"fuzzy: {entry.msgid!r}")
        elif not entry.translated():
            found.append(f"not translated: {entry.msgid!r}")
    return found


def unseen() -> list[str]:
    """Where gettext goes by a name that extraction does not know: its strings would be missed."""
    renamed = re.compile(r"\b\w*gettext\w* as (?!_\b)(\w+)")
    return [
        f"{source.relative_to(ROOT)}: strings in {found[1]}(…) are not extracted"
        for package in PACKAGES
        for source in sorted((ROOT / package).rglob("*.py"))
        for found in renamed.finditer(source.read_text(encoding="utf-8"))
    ]


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--write", action="store_true")
    write = options.parse_args().write
    compile_catalogues([ROOT / "locale", ROOT / "locale" / "wagtail"])
    with tempfile.TemporaryDirectory() as folder:
        today = extract(Path(folder))
    if write:
        # No dates and no file positions: they change without meaning.
        for name in ("POT-Creation-Date", "PO-Revision-Date"):
            today.metadata.pop(name, None)
        for entry in today:
            if entry.fuzzy:
                entry.flags.remove("fuzzy")
                entry.msgstr = ""
                entry.msgstr_plural = dict.fromkeys(entry.msgstr_plural, "")
                entry.previous_msgctxt = entry.previous_msgid = None
                entry.previous_msgid_plural = None
        today.save(str(ROOT / CATALOGUE))
    found = unseen() + problems(today, polib.pofile(str(ROOT / CATALOGUE)))
    print("\n".join(found) or "The zh-Hans catalogue is complete.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
