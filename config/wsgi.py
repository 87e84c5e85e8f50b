"""The WSGI entry point."""

import gc
import logging
import os
from importlib import import_module

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

site = get_wsgi_application()

# What follows needs the applications.
from django.conf import settings  # noqa: E402
from django.middleware.security import SecurityMiddleware  # noqa: E402

from config.headers import Headers  # noqa: E402
from config.logs import formatter  # noqa: E402
from config.production import refuse_demo_accounts  # noqa: E402
from lms.watching.wsgi import BeatsFirst  # noqa: E402

application = BeatsFirst(site, middleware=(SecurityMiddleware, Headers))

refuse_demo_accounts()

# The web server complains of requests with their addresses; with ours no token stays in a line.
for handler in logging.getLogger("gunicorn.error").handlers:
    handler.setFormatter(formatter(as_json=settings.LOGGING["formatters"]["line"]["as_json"]))

# All of the site is there before somebody comes, and the collector does not walk through it again
# in the midst of a page: that took a sixth of the time of pages with many rows.
import_module(settings.ROOT_URLCONF)
gc.collect()
gc.freeze()
