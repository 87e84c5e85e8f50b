from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrganizationsConfig(AppConfig):
    name = "organizations"
    verbose_name = _("Organisations")

    def ready(self) -> None:
        from organizations import receivers  # noqa: F401
        from organizations.privacy.personal_data import contribute
        from organizations.signin.second_factor import receivers as factor_receivers  # noqa: F401

        contribute()
