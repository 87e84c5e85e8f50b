from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WatchingConfig(AppConfig):
    name = "lms.watching"
    verbose_name = _("Watching")

    def ready(self) -> None:
        from lms.watching import telling  # noqa: F401
        from lms.watching.personal_data import contribute

        contribute()
