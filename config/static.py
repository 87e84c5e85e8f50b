"""Static files: hashed names, compressed copies, also for ES modules that import each other.

The style sheets that every page has are sent as one, `SITE_CSS`: four files would take four of the
six connections that a browser opens to a site, and a lecture's film would wait for one of them.
"""

import re
from collections.abc import Iterator
from typing import Any

from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

# Wagtail's own style sheets refer to these applications, which this house does not install.
NOT_INSTALLED = ("wagtailimages/", "wagtaildocs/")
SITE_CSS = "css/site.css"
SITE_PARTS = ("css/tokens.css", "css/base.css", "css/components.css", "css/pages.css")


def joined(sheets: list[str]) -> str:
    """Style sheets in one, without comments and indents. None of ours has a comment's signs in a
    string.
    """
    bare = re.sub(r"/\*.*?\*/", "", "\n".join(sheets), flags=re.DOTALL)
    return "".join(f"{line.strip()}\n" for line in bare.splitlines() if line.strip())


class StaticStorage(CompressedManifestStaticFilesStorage):
    support_js_module_import_aggregation = True

    def post_process(
        self, paths: dict[str, Any], dry_run: bool = False, **options: Any
    ) -> Iterator[Any]:
        if not dry_run and all(part in paths for part in SITE_PARTS):
            sheets = []
            for part in SITE_PARTS:
                storage, path = paths[part]
                with storage.open(path) as file:
                    sheets.append(file.read().decode())
            self.delete(SITE_CSS)
            self._save(SITE_CSS, ContentFile(joined(sheets).encode()))
            paths = {**paths, SITE_CSS: (self, SITE_CSS)}
        yield from super().post_process(paths, dry_run, **options)

    def hashed_name(self, name: str, content: Any = None, filename: str | None = None) -> str:
        try:
            return str(super().hashed_name(name, content, filename))
        except ValueError:
            if name.startswith(NOT_INSTALLED):
                return name
            raise
