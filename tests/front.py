"""What stands in front of Lectern: a real nginx with the shipped configuration, a real
S3-compatible store behind it.

The store is nanio: it keeps objects in a folder, checks signatures of version 4 and answers
nobody without one. Nothing here knows Django.
"""

import contextlib
import dataclasses
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.services import ServiceMissing, accepts_tcp, free_port, running, wait_for

DEPLOY = Path(__file__).resolve().parent.parent / "deploy"
JAVASCRIPT = "modules/ngx_http_js_module.so"


@dataclasses.dataclass(frozen=True)
class Store:
    """A running store with one empty bucket."""

    port: int
    folder: Path
    log: Path
    bucket: str = "lectern"
    key: str = "lectern-reader"
    secret: str = "a/secret+with=signs-that-must-not-matter"

    def with_bucket(self, name: str) -> "Store":
        """The same store, with another, empty bucket."""
        (self.folder / name).mkdir()
        return dataclasses.replace(self, bucket=name)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def storage_url(self) -> str:
        secret = self.secret.replace("/", "%2F").replace("+", "%2B").replace("=", "%3D")
        return f"s3://{self.key}:{secret}@{self.host}/{self.bucket}?secure=0&region=us-east-1"


@contextlib.contextmanager
def s3_store(folder: Path) -> Iterator[Store]:
    data = folder / "objects"
    store = Store(free_port(), data, folder / "store.log")
    (data / store.bucket).mkdir(parents=True)
    environment = {
        **os.environ,
        "NANIO_ACCESS_KEY": store.key,
        "NANIO_SECRET_KEY": store.secret,
    }
    argv = [
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "tests.object_store",
        "serve",
        "--data-dir",
        str(data),
    ]
    argv += ["--host", "127.0.0.1", "--port", str(store.port)]
    with store.log.open("wb") as log:
        process = subprocess.Popen(argv, env=environment, stdout=log, stderr=log)
        try:
            wait_for(
                lambda: process.poll() is not None or accepts_tcp(store.port),
                seconds=60,
                what="The store's start",
            )
            assert process.poll() is None, store.log.read_text()
            yield store
        finally:
            process.terminate()
            process.wait(10)


def fill_in(name: str, target: Path, **values: str) -> Path:
    """A template of deploy/ with its names in capitals filled in."""
    text = (DEPLOY / name).read_text()
    for key, value in values.items():
        text = text.replace(f"${{{key}}}", value)
    left = re.search(r"^[^#\n]*\$\{[A-Z]", text, re.MULTILINE)
    assert left is None, left
    target.write_text(text)
    return target


@dataclasses.dataclass(frozen=True)
class Front:
    """A running nginx; its logs are `log` and the same name with `.error`."""

    port: int
    log: Path
    scheme: str = "http"

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    def logged(self) -> str:
        return self.log.read_text() + self.log.with_name(f"{self.log.name}.error").read_text()


@contextlib.contextmanager
def nginx(
    folder: Path,
    *,
    upstream: int,
    keys: dict[str, str],
    packages: Path | None = None,
    store: Store | None = None,
    static: Path | None = None,
    beats: int | None = None,
    secure: bool = False,
) -> Iterator[Front]:
    """deploy/nginx.conf on a private port, with packages in a folder or in a store; over TLS and
    HTTP/2 when `secure`, with a certificate that nobody else trusts.
    """
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    folder.mkdir(parents=True, exist_ok=True)
    front = Front(free_port(), folder / "access.log", "https" if secure else "http")
    media = folder / "media.conf"
    if secure:
        _certify(folder / "extra")
    sites = []
    if store is not None:
        sites.append(
            fill_in(
                "nginx-store-http.conf",
                folder / "store.conf",
                LECTERN_STORE=store.host,
                LECTERN_STORE_KEY=store.key,
                LECTERN_STORE_SECRET=store.secret,
                LECTERN_STORE_REGION="us-east-1",
                LECTERN_SIGNATURE=str(DEPLOY / "s3-signature.js"),
                LECTERN_CACHE=str(folder / "cache"),
                LECTERN_CACHE_SIZE="100m",
            )
        )
        fill_in(
            "nginx-store.conf",
            media,
            LECTERN_STORE_SCHEME="http",
            LECTERN_STORE_HOST=store.host,
            LECTERN_STORE_PATH=f"/{store.bucket}",
        )
    else:
        fill_in("nginx-folder.conf", media, LECTERN_PACKAGES=str(packages))
    sites.append(
        fill_in(
            "nginx.conf",
            folder / "lectern.conf",
            LECTERN_LISTEN=f"127.0.0.1:{front.port}" + (" ssl http2" if secure else ""),
            LECTERN_SERVER_NAME="localhost",
            LECTERN_UPSTREAM=f"127.0.0.1:{upstream}",
            LECTERN_BEATS=f"127.0.0.1:{beats or upstream}",
            LECTERN_EXTRA=f"{folder}/extra/*.conf",
            LECTERN_MEDIA=str(media),
            LECTERN_STATIC=str(static or folder / "static"),
            LECTERN_LOG=str(front.log),
            DELIVERY_KEY_A=keys.get("a", ""),
            DELIVERY_KEY_B=keys.get("b", ""),
        )
    )
    configuration = folder / "nginx.conf"
    configuration.write_text(_main(folder, sites, javascript=store is not None))
    argv = [program, "-p", str(folder), "-c", str(configuration)]
    check = subprocess.run([*argv, "-t"], capture_output=True, text=True, check=False)
    if check.returncode:
        raise ServiceMissing(f"nginx does not take the configuration: {check.stderr}")
    with running(argv, ready=lambda: accepts_tcp(front.port), what="nginx"):
        yield front


def _certify(extra: Path) -> None:
    extra.mkdir()
    key, certificate = extra / "key.pem", extra / "certificate.pem"
    argv = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    argv += ["-subj", "/CN=localhost", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(argv, capture_output=True, check=True)
    (extra / "tls.conf").write_text(f"ssl_certificate {certificate};\nssl_certificate_key {key};\n")


def _main(folder: Path, sites: list[Path], *, javascript: bool) -> str:
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    (folder / "temp").mkdir(exist_ok=True)
    temporary = "".join(f"{kind}_temp_path {folder}/temp/{kind};\n" for kind in kinds)
    module = Path("/usr/lib/nginx") / JAVASCRIPT
    if javascript and not module.exists():
        raise ServiceMissing("nginx's JavaScript module is not installed.")
    return (
        (f"load_module {module};\n" if javascript else "")
        + ("user root;\n" if os.geteuid() == 0 else "")
        + f"daemon off;\nworker_processes 1;\npid {folder}/nginx.pid;\n"
        + f"error_log {folder}/start.log;\nevents {{}}\n"
        # As Debian's own nginx.conf does.
        + f"http {{\ninclude /etc/nginx/mime.types;\n{temporary}"
        + "".join(f"include {site};\n" for site in sites)
        + "}\n"
    )
