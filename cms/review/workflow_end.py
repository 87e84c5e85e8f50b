"""What Wagtail does at the end of a workflow: nothing. In a module of its own, because Wagtail
imports it while its models are still being made.
"""

from typing import Any


def finished(workflow_state: Any, user: Any = None) -> None:
    """WAGTAIL_FINISH_WORKFLOW_ACTION: the final review publishes by itself (`cms.review.acts`)."""
