"""STORAGE_URL to django-storages options."""

from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit


def s3_options(url: str) -> dict[str, Any]:
    """Options for an S3-compatible store.

    `s3://KEY:SECRET@host:port/bucket?region=…&secure=0`; without a host, Amazon's own.
    Checksums are sent only when asked for: most S3-compatible stores refuse boto3's default.
    """
    from botocore.config import Config

    parts = urlsplit(url)
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    options: dict[str, Any] = {
        "bucket_name": parts.path.strip("/"),
        "access_key": unquote(parts.username or "") or None,
        "secret_key": unquote(parts.password or "") or None,
        "default_acl": None,
        "querystring_auth": True,
        "file_overwrite": True,
        "max_memory_size": 4 * 1024**2,  # what is larger passes through a temporary file
        "client_config": Config(
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    }
    if parts.hostname:
        scheme = "http" if query.get("secure") == "0" else "https"
        port = f":{parts.port}" if parts.port else ""
        options["endpoint_url"] = f"{scheme}://{parts.hostname}{port}"
    if "region" in query:
        options["region_name"] = query["region"]
    return options
