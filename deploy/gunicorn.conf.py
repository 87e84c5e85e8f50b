"""gunicorn behind nginx: `gunicorn -c deploy/gunicorn.conf.py --bind 127.0.0.1:8000 config.wsgi`.

One process a core, and threads for what waits on the database. Connections of nginx are kept open
longer than it needs them.
"""

import os

workers = len(os.sched_getaffinity(0))
worker_class = "gthread"
threads = 8
keepalive = 75
control_socket_disable = True
