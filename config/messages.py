"""Compiling .po catalogues to .mo with Babel, since `make run` must do without gettext."""

import uuid
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.utils.translation.reloader import translation_file_changed


def compile_catalogues(folders: list[Path]) -> list[Path]:
    """Compile every catalogue below `folders` that is newer than its .mo; return those written.

    This process speaks by them from then on, whatever it has read before.
    """
    written = []
    for folder in folders:
        for po in sorted(Path(folder).glob("*/LC_MESSAGES/*.po")):
            mo = po.with_suffix(".mo")
            if mo.exists() and mo.stat().st_mtime_ns >= po.stat().st_mtime_ns:
                continue
            with po.open("rb") as source:
                catalogue = read_po(source, locale=po.parent.parent.name)
            # Of its own: a site may start twice at the same time.
            draft = mo.with_suffix(f".{uuid.uuid4().hex}.mo")
            with draft.open("wb") as target:
                write_mo(target, catalogue)
            draft.replace(mo)
            translation_file_changed(None, mo)
            written.append(mo)
    return written
