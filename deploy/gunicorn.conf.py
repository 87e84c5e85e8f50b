"""gunicorn behind nginx: `gunicorn -c deploy/gunicorn.conf.py --bind 127.0.0.1:8000 config.wsgi`.

One process a core, and threads for what waits on the database: beats that wait together are
committed together. There are 64 threads in all, each with a connection to PostgreSQL when it has
served a page; `max_connections` of 100 leaves room for workers. Connections of nginx are kept open
longer than it needs them, so that a beat does not pay for a new one.
"""

import os

workers = len(os.sched_getaffinity(0))
worker_class = "gthread"
threads = max(64 // workers, 4)
keepalive = 75
control_socket_disable = True
