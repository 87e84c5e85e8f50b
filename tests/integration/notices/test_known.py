"""A worker shows no pages, and still has the words of every cause."""

import subprocess
import sys

ASK = "import django; django.setup(); from notices.causes import known; print(*sorted(known()))"


def test_every_process_knows_every_cause():
    said = subprocess.run(
        [sys.executable, "-c", ASK], capture_output=True, text=True, check=True, timeout=120
    )
    assert said.stdout.split() == [
        "claim",
        "class",
        "enquiry",
        "gathering",
        "review",
        "review-queue",
        "viewing",
    ]
