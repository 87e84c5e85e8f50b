"""Stand-ins for other systems, which keep to their published protocols and refuse what they would.

An OpenID provider (authorization code with PKCE, signed id tokens) and WeCom's three addresses
that signing in uses. Both run in this process on the loopback interface.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa


class System:
    """One stand-in: `get` and `post` answer (status, JSON) for a path and its parameters."""

    url = ""

    def get(self, path: str, query: dict[str, str], headers: Any) -> tuple[int, Any]:
        raise NotImplementedError

    def post(self, path: str, form: dict[str, str], headers: Any) -> tuple[int, Any]:
        return 404, {}


@contextmanager
def running(system: System) -> Iterator[None]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            where = urlsplit(self.path)
            self._answer(*system.get(where.path, _flat(where.query), self.headers))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._answer(*system.post(urlsplit(self.path).path, _flat(body), self.headers))

        def _answer(self, status: int, body: Any) -> None:
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    system.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _flat(text: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(text).items()}


class OpenIdProvider(System):
    """OpenID Connect Core 1.0, the code flow; `consent` is the person's part in the browser."""

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    stranger_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def __init__(self) -> None:
        self.client_id, self.secret = "lectern", "oidc-secret"
        self.codes: dict[str, dict[str, Any]] = {}
        self.tokens: dict[str, dict[str, Any]] = {}
        # What a test spoils: claims of the id token, of the user info, key, algorithm, issuer.
        self.id_claims: dict[str, Any] = {}
        self.info_claims: dict[str, Any] = {}
        self.signing_key: Any = self.key
        self.algorithm = "RS256"
        self.issuer = ""

    def consent(self, address: str, **claims: Any) -> dict[str, str]:
        """Agree on the provider's page: what it sends back to the site."""
        where = urlsplit(address)
        assert f"{where.scheme}://{where.netloc}{where.path}" == f"{self.url}/authorize"
        asked = _flat(where.query)
        assert asked["client_id"] == self.client_id
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = secrets.token_urlsafe(16)
        self.codes[code] = {**asked, "claims": claims}
        return {"code": code, "state": asked["state"]}

    def get(self, path: str, query: dict[str, str], headers: Any) -> tuple[int, Any]:
        if path == "/.well-known/openid-configuration":
            return 200, {
                "issuer": self.issuer or self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "userinfo_endpoint": f"{self.url}/userinfo",
                "jwks_uri": f"{self.url}/keys",
                "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            }
        if path == "/keys":
            key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
            return 200, {"keys": [{**key, "kid": "k1", "alg": "RS256", "use": "sig"}]}
        claims = self.tokens.get((headers["Authorization"] or "").removeprefix("Bearer "))
        if path == "/userinfo" and claims:
            return 200, {**claims, **self.info_claims}
        return 401, {"error": "invalid_token"}

    def post(self, path: str, form: dict[str, str], headers: Any) -> tuple[int, Any]:
        said = base64.b64encode(f"{self.client_id}:{self.secret}".encode()).decode()
        if headers["Authorization"] != f"Basic {said}":
            return 401, {"error": "invalid_client"}
        asked = self.codes.pop(form.get("code", ""), None)  # a code is valid once
        challenge = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if (
            path != "/token"
            or asked is None
            or asked["redirect_uri"] != form["redirect_uri"]
            or base64.urlsafe_b64encode(challenge).decode().rstrip("=") != asked["code_challenge"]
        ):
            return 400, {"error": "invalid_grant"}
        token, now = secrets.token_urlsafe(16), int(time.time())
        self.tokens[token] = asked["claims"]
        claims = {
            "iss": self.issuer or self.url,
            "aud": self.client_id,
            "iat": now,
            "exp": now + 300,
            "sub": asked["claims"]["sub"],
            **({"nonce": asked["nonce"]} if "nonce" in asked else {}),
            **self.id_claims,
        }
        signed = jwt.encode(
            claims, self.signing_key, algorithm=self.algorithm, headers={"kid": "k1"}
        )
        return 200, {"access_token": token, "token_type": "Bearer", "id_token": signed}


class WeComServer(System):
    """WeCom: gettoken, auth/getuserinfo, and the page with the code to scan.

    Codes are valid once and for five minutes, tokens for two hours and until a newer one; a
    person who is no member has an openid only.
    """

    def __init__(self) -> None:
        self.corp_id, self.agent_id, self.secret = "ww1234567890", "1000002", "corp-secret"
        self.codes: dict[str, tuple[dict[str, str], float]] = {}
        self.token, self.token_ends, self.calls = "", 0.0, [0, 0]

    def scan(self, address: str, *, inside: bool = False, **who: str) -> dict[str, str]:
        """Scan the code, or be asked nothing inside WeCom: what it sends back to the site."""
        where, asked = urlsplit(address), _flat(urlsplit(address).query)
        assert asked["appid"] == self.corp_id
        assert asked["agentid"] == self.agent_id
        assert asked["state"].isalnum()
        assert len(asked["state"]) <= 128
        if inside:
            assert where.path == "/connect/oauth2/authorize"
            assert where.fragment == "wechat_redirect"
            assert (asked["response_type"], asked["scope"]) == ("code", "snsapi_base")
        else:
            assert where.path == "/wwlogin/sso/login"
            assert asked["login_type"] == "CorpApp"
        code = secrets.token_urlsafe(24)
        self.codes[code] = (who, time.time() + 300)
        return {"code": code, "state": asked["state"]}

    def get(self, path: str, query: dict[str, str], headers: Any) -> tuple[int, Any]:
        if path == "/cgi-bin/gettoken":
            self.calls[0] += 1
            if query.get("corpid") != self.corp_id:
                return 200, {"errcode": 40013, "errmsg": "invalid corpid"}
            if query.get("corpsecret") != self.secret:
                return 200, {"errcode": 40001, "errmsg": "invalid credential"}
            self.token, self.token_ends = secrets.token_urlsafe(32), time.time() + 7200
            return 200, {
                "errcode": 0,
                "errmsg": "ok",
                "access_token": self.token,
                "expires_in": 7200,
            }
        if path != "/cgi-bin/auth/getuserinfo":
            return 404, {}
        self.calls[1] += 1
        if query.get("access_token") != self.token:
            return 200, {"errcode": 40014, "errmsg": "invalid access_token"}
        if self.token_ends < time.time():
            return 200, {"errcode": 42001, "errmsg": "access_token expired"}
        who, ends = self.codes.pop(query.get("code", ""), ({}, 0.0))
        if ends < time.time():
            return 200, {"errcode": 40029, "errmsg": "invalid code"}
        return 200, {"errcode": 0, "errmsg": "ok", **who}
