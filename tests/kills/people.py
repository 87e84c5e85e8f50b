"""Who uses the site while it is being killed: a secretary who sends films and deletes some."""

import http.cookiejar
import random
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from lms.demo.tus_client import Session, TusClient

TOKEN = "k" * 32  # the same in cookie and header, as a browser has it from any page


class StayHere(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


def signed_in(url: str, session: str) -> TusClient:
    cookies = http.cookiejar.CookieJar()
    host = urllib.parse.urlsplit(url).hostname or ""
    for name, value in (("sessionid", session), ("csrftoken", TOKEN)):
        cookies.set_cookie(
            http.cookiejar.Cookie(
                *(0, name, value, None, False, f"{host}.local" if "." not in host else host),
                *(False, False, "/", True, False, None, False, None, None, {}),
            )
        )
    opener = urllib.request.build_opener(
        urllib.request.HTTPCookieProcessor(cookies), StayHere(), urllib.request.ProxyHandler({})
    )
    return TusClient(url, Session(opener, cookies))


class Secretary(threading.Thread):
    """Sends the given films one after the other, each until it has arrived, and remembers which
    recording became of it. Of some she thinks better at a random instant and deletes them.
    """

    def __init__(self, client: TusClient, films: list[tuple[str, Path]], chance: random.Random):
        super().__init__(name="secretary", daemon=True)
        self.client, self.films, self.chance = client, films, chance
        self.sent: dict[str, str] = {}  # recording: kind
        self.kept_going = 0
        self.stopped = threading.Event()

    def run(self) -> None:
        for kind, film in self.films:
            asset = self.send(film)
            if not asset:
                return
            self.sent[asset] = kind
            if kind == "deleted":
                time.sleep(self.chance.uniform(0.5, 4.0))
                self.delete(asset)

    def send(self, film: Path) -> str:
        while not self.stopped.is_set():
            try:
                return self.client.upload(film)
            except (urllib.error.URLError, OSError):  # the web server or the database is away
                self.kept_going += 1
                time.sleep(0.3)
        return ""

    def delete(self, asset: str) -> None:
        while not self.stopped.is_set():
            try:
                self.client.request(
                    "POST", f"{self.client.site}/upload/assets/{asset}/discard/", {}
                )
            except urllib.error.HTTPError as answer:
                if answer.code == 302:
                    return
                self.kept_going += 1
            except (RuntimeError, urllib.error.URLError, OSError) as problem:
                if isinstance(problem, RuntimeError):
                    return  # 404: the answer to the first try was lost
                self.kept_going += 1
            time.sleep(0.3)
