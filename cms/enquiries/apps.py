from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EnquiriesConfig(AppConfig):
    name = "cms.enquiries"
    verbose_name = _("Questions and suggestions")

    def ready(self) -> None:
        from cms.enquiries import telling  # noqa: F401  (every process knows the cause)
        from cms.enquiries.personal_data import contribute

        contribute()
