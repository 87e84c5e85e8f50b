"""The WSGI entry point."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

site = get_wsgi_application()

# What follows needs the applications.
from config.production import refuse_demo_accounts  # noqa: E402
from lms.watching.wsgi import BeatsFirst  # noqa: E402

application = BeatsFirst(site)

refuse_demo_accounts()
