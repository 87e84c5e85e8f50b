from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy as _


class OrganizationsConfig(AppConfig):
    name = "organizations"
    verbose_name = _("Organisations")

    def ready(self) -> None:
        from organizations import receivers  # noqa: F401
        from organizations.people.mark_bits import after_migrate, before_migrate
        from organizations.privacy.personal_data import contribute
        from organizations.signin.second_factor import receivers as factor_receivers  # noqa: F401

        contribute()
        pre_migrate.connect(before_migrate, sender=self)
        post_migrate.connect(after_migrate, sender=self)
