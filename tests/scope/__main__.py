"""`python -m tests.scope` checks docs/access.md against the rules, `--write` writes it."""

from __future__ import annotations

import argparse
import os
import sys

import django


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--write", action="store_true")
    write = options.parse_args().write
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ.setdefault("LECTERN_MODE", "test")
    django.setup()
    from tests.scope.printed import PAGE, page

    text = page()
    if write:
        PAGE.write_text(text, encoding="utf-8")
    stale = not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text
    print("docs/access.md is stale: make access" if stale else "docs/access.md is up to date.")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
