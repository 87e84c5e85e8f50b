from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GatheringsConfig(AppConfig):
    name = "lms.gatherings"
    verbose_name = _("Watching together")

    def ready(self) -> None:
        from lms.gatherings import receivers, telling  # noqa: F401
        from lms.gatherings.personal_data import contribute
        from lms.gatherings.source import Gatherings, windows_played
        from lms.ledger.sources import room_finder, source_register

        contribute()
        source_register(Gatherings())
        room_finder(windows_played)
