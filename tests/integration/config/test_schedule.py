"""The scheduler wakes tasks that workers have, and every task that is to be woken by the clock."""

import json
import subprocess
import sys

from config.schedule import SCHEDULE

# In a process of its own, as a worker starts: here other tests have imported more than it does.
ASK = """
import inspect, json
from config.celery import app
app.loader.import_default_modules()
tasks = {name: len(inspect.signature(one.run).parameters) for name, one in app.tasks.items()}
print(json.dumps(tasks))
"""
# Without an argument like those of the clock, and begun by whatever makes work for them.
WOKEN = {
    "lms.ledger.tasks.close_year",
    "media_pipeline.tasks.do_chores",
    "media_pipeline.tasks.do_long_chores",
    "notices.tasks.deliver",
}


def test_the_clock_wakes_all_that_it_is_to_wake_and_nothing_that_is_not_there():
    said = subprocess.run(
        [sys.executable, "-c", ASK], capture_output=True, text=True, check=True, timeout=120
    )
    parameters = json.loads(said.stdout.splitlines()[-1])
    ours = {name for name, n in parameters.items() if n == 0 and not name.startswith("celery.")}
    assert ours >= WOKEN
    assert sorted(one["task"] for one in SCHEDULE.values()) == sorted(ours - WOKEN)
