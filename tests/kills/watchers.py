"""People who watch while the site is being killed: each a player that speaks as the browser does.

What was played is the truth. It is kept until it is acknowledged, and sent again until then.
"""

from __future__ import annotations

import base64
import http.client
import json
import random
import threading
import time
import urllib.parse

SPEED = 1.8
# static/js/player/outbox.js: these answers will not change by asking again.
FINAL = {400, 401, 403, 404, 409, 410, 413}


class Watcher(threading.Thread):
    def __init__(self, url: str, token: str, seconds: int, chance: random.Random) -> None:
        super().__init__(name="watcher", daemon=True)
        self.address = urllib.parse.urlsplit(url).netloc
        self.token, self.seconds, self.chance = token, seconds, chance
        self.played = 0  # a bitmap, as all of these
        self.acknowledged = 0
        self.taken_back = 0  # held by an earlier answer and not by a later one
        self.tries = self.beats = 0
        self.refused: list[int] = []
        self.over = threading.Event()
        self.line: http.client.HTTPConnection | None = None

    def run(self) -> None:
        """Plays in runs with a jump in between, until `over`; then until all is acknowledged."""
        began, position = time.monotonic(), 0.0
        while not (self.over.is_set() and self.acknowledged == self.played):
            time.sleep(self.chance.uniform(0.05, 0.4))
            now = time.monotonic()
            moved, began = (now - began) * SPEED, now
            if not self.over.is_set():
                first, last = int(position) + 1, int(position + moved)
                for second in range(first, min(last, self.seconds)):
                    self.played |= 1 << second
                position += moved
                if position >= self.seconds or self.chance.random() < 0.05:
                    position = self.chance.uniform(0, self.seconds)
            self.send(position)
        self.hang_up()

    def send(self, position: float) -> None:
        self.tries += 1
        sent, size = self.played, (self.seconds + 7) // 8
        body = {
            "token": self.token,
            "seq": self.tries,
            "position": round(min(position, self.seconds), 1),
            "seen": base64.b64encode(sent.to_bytes(size, "little")).decode(),
        }
        try:
            status, answer = self.asked(json.dumps(body))
        except (OSError, http.client.HTTPException, ValueError):
            self.hang_up()
            return
        if status in FINAL:
            self.refused.append(status)
        if status == 200 and answer.get("seq", -1) >= self.tries:
            self.beats += 1
            held = int.from_bytes(base64.b64decode(answer["union"]), "little")
            self.taken_back |= self.acknowledged & ~held
            self.acknowledged = held

    def hang_up(self) -> None:
        if self.line is not None:
            self.line.close()
            self.line = None

    def asked(self, body: str) -> tuple[int, dict[str, object]]:
        if self.line is None:
            self.line = http.client.HTTPConnection(self.address, timeout=10)
        self.line.request("POST", "/watch/beat/", body, {"Content-Type": "application/json"})
        answer = self.line.getresponse()
        return answer.status, json.loads(answer.read() or b"null") or {}
