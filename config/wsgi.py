"""The WSGI entry point."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

site = get_wsgi_application()

# What follows needs the applications.
from django.middleware.security import SecurityMiddleware  # noqa: E402

from config.headers import Headers  # noqa: E402
from config.production import refuse_demo_accounts  # noqa: E402
from lms.watching.wsgi import BeatsFirst  # noqa: E402

application = BeatsFirst(site, middleware=(SecurityMiddleware, Headers))

refuse_demo_accounts()
