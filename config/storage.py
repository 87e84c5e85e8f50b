"""STORAGES: where files lie. STORAGE_URL moves them to an S3-compatible store."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

LOCAL = "django.core.files.storage.FileSystemStorage"
S3 = "storages.backends.s3.S3Storage"


def storages(url: str, *, media: Path, roster: Path, claims: Path) -> dict[str, Any]:
    """`recordings` holds originals and packages, `roster` uploaded and made workbooks,
    `claims` the evidence of hours learnt elsewhere; their own views alone hand these out.
    """
    return {
        "default": {"BACKEND": LOCAL},
        "recordings": _s3(url) if url else _local(media),
        "roster": _s3(url, location="roster") if url else _local(roster),
        "claims": _s3(url, location="claims") if url else _local(claims),
        "staticfiles": {"BACKEND": "config.static.StaticStorage"},
    }


def _local(folder: Path) -> dict[str, Any]:
    return {"BACKEND": LOCAL, "OPTIONS": {"location": str(folder), "base_url": None}}


def _s3(url: str, **more: Any) -> dict[str, Any]:
    return {"BACKEND": S3, "OPTIONS": s3_options(url) | more}


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
