#!/bin/sh
# The beats of people who watch, behind nginx (LECTERN_BEATS): `deploy/beats.sh 127.0.0.1 8001`.
#
# The site itself, in a server whose threads cost little: beats that wait together are committed
# together, so many may wait. Without it, or while it is down, gunicorn takes beats in.
set -eu
exec granian --interface wsgi --host "$1" --port "$2" --http 1 --no-ws \
    --workers "$(nproc)" --blocking-threads 32 --backpressure 256 \
    --respawn-failed-workers --log-level warning config.wsgi:application
