"""Static files: hashed names, compressed copies, also for ES modules that import each other."""

from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage

# Wagtail's own style sheets refer to these applications, which this house does not install.
NOT_INSTALLED = ("wagtailimages/", "wagtaildocs/")


class StaticStorage(CompressedManifestStaticFilesStorage):
    support_js_module_import_aggregation = True

    def hashed_name(self, name: str, content: Any = None, filename: str | None = None) -> str:
        try:
            return str(super().hashed_name(name, content, filename))
        except ValueError:
            if name.startswith(NOT_INSTALLED):
                return name
            raise
