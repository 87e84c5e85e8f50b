"""Serves the figures of `metrics` on a port of the worker's own, which no visitor of the site
reaches: there is no address for them on the site.
"""

import logging
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from django.db import close_old_connections, connections
from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from media_pipeline.delivered import DeliveryCollector
from media_pipeline.metrics import INSTALLATION, WORK

logger = logging.getLogger(__name__)


class WithConnections(Collector):
    """Another registry's figures; a thread of the server leaves no connection behind."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry

    def collect(self) -> Iterable[Metric]:
        close_old_connections()
        try:
            return list(self._registry.collect())
        finally:
            connections.close_all()


def metrics_registry() -> CollectorRegistry:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(WithConnections(INSTALLATION))
    registry.register(WithConnections(WORK))
    if settings.DELIVERY_LOG:
        registry.register(DeliveryCollector(Path(settings.DELIVERY_LOG)))
    return registry


def metrics_serve(address: str) -> None:
    """Serve at `host:port` in a thread, if an address is given. A taken port is no reason to
    transcode nothing.
    """
    if not address:
        return
    host, _, port = address.rpartition(":")
    try:
        start_http_server(int(port), addr=host or "127.0.0.1", registry=metrics_registry())
    except OSError as problem:
        logger.error("Metrics cannot be served at %s: %s", address, problem)
    else:
        logger.info("Metrics at http://%s/metrics", address)
