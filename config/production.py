"""What production refuses to start with, beyond what the settings themselves refuse."""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


def refuse_demo_accounts() -> None:
    """Raise when a production database holds demo accounts: their password was printed."""
    if not settings.PRODUCTION:
        return
    from organizations.models import User

    found = User.objects.filter(is_demo=True).count()
    if found:
        raise ImproperlyConfigured(
            f"The database holds {found} demo accounts; production does not start with them."
        )
