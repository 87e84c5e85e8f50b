"""gunicorn behind nginx: `gunicorn -c deploy/gunicorn.conf.py --bind 127.0.0.1:8000 config.wsgi`.

One process a core, and threads for what waits on the database. nginx keeps its connections open
longer than it needs them, so that a beat does not pay for a new one.
"""

import os

workers = len(os.sched_getaffinity(0))
worker_class = "gthread"
threads = 8
keepalive = 75
control_socket_disable = True
