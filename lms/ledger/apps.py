from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class LedgerConfig(AppConfig):
    name = "lms.ledger"
    verbose_name = _("Hours ledger")

    def ready(self) -> None:
        from lms.ledger import receivers, telling  # noqa: F401
        from lms.ledger.external import External
        from lms.ledger.guards import after_migrate
        from lms.ledger.personal_data import contribute
        from lms.ledger.sources import source_register
        from lms.ledger.watched import Watched

        contribute()
        source_register(Watched())
        source_register(External())
        post_migrate.connect(after_migrate, sender=self)
