from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ClassesConfig(AppConfig):
    name = "lms.classes"
    verbose_name = _("Training classes")

    def ready(self) -> None:
        from lms.classes import credited, learnt, receivers, rows, telling  # noqa: F401
        from lms.classes.personal_data import contribute

        contribute()
        rows.contribute()
        learnt.contribute()
        credited.contribute()
