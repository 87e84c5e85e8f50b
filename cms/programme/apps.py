from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProgrammeConfig(AppConfig):
    name = "cms.programme"
    verbose_name = _("Menus and lecture activities")

    def ready(self) -> None:
        from cms.programme import rows
        from cms.programme.personal_data import contribute

        contribute()
        rows.contribute()
