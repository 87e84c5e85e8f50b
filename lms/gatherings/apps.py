from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GatheringsConfig(AppConfig):
    name = "lms.gatherings"
    verbose_name = _("Watching together")

    def ready(self) -> None:
        from lms.gatherings import receivers, telling  # noqa: F401
        from lms.gatherings.permissions import held_or_attended
        from lms.gatherings.personal_data import contribute
        from lms.gatherings.source import Gatherings, windows_played
        from lms.ledger.sources import room_finder, source_register
        from lms.watching.permissions import room_bar

        contribute()
        source_register(Gatherings())
        room_finder(windows_played)
        room_bar(held_or_attended)
