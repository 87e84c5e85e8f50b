from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReportsConfig(AppConfig):
    name = "lms.reports"
    verbose_name = _("Learning figures")

    def ready(self) -> None:
        from lms.reports import receivers  # noqa: F401
        from lms.reports.personal_data import contribute

        contribute()
