"""How log lines look: for people, or one JSON object a line (LOG_FORMAT=json).

Every line carries what is bound to it, such as the ids of the running job
(`media_pipeline.job_notes`), and none carries the token of a media address.
"""

import logging
import logging.config
import re
from typing import Any

import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.typing import EventDict, Processor, WrappedLogger

# `/v/<token>/`, also in percent signs: whoever reads the log shall not be able to watch.
TOKEN = re.compile(r"(?<=/v/)[a-z]\.\d{10}\.[^/\s\"']+")
BOUND = ("job", "asset", "attempt")


def without_tokens(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    for key, value in event.items():
        if isinstance(value, str) and "/v/" in value:
            event[key] = TOKEN.sub("-", value)
    return event


def plain_line(logger: WrappedLogger, method: str, event: EventDict) -> str:
    line = "{timestamp} {level} {logger} {event}".format_map(
        {**event, "level": event["level"].upper()}
    )
    bound = " ".join(f"{name}={event[name]}" for name in BOUND if name in event)
    if bound:
        line += f" [{bound}]"
    return line + (f"\n{event['exception']}" if event.get("exception") else "")


def formatter(*, as_json: bool) -> ProcessorFormatter:
    before: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=as_json),
    ]
    after: list[Processor] = [
        ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        without_tokens,
    ]
    if as_json:
        after += [
            structlog.processors.EventRenamer("message"),
            structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
        ]
    else:
        after.append(plain_line)
    return ProcessorFormatter(foreign_pre_chain=before, processors=after)


def log_settings(*, as_json: bool, level: str) -> dict[str, Any]:
    """LOGGING: everything to the standard error of the process."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": "config.logs.formatter", "as_json": as_json}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": level},
        # Each page that is saved would be five lines.
        "loggers": {
            name: {"level": "WARNING"} for name in ("wagtail", "django_tasks", "modelsearch")
        },
    }


def worker_logging(settings: dict[str, Any], level: int | str | None) -> None:
    """The same lines in Celery's processes, at the level of their command line."""
    logging.config.dictConfig(settings)
    if level:
        logging.getLogger().setLevel(level)
