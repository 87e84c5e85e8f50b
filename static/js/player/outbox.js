/* Beats that the server has not acknowledged, kept on the device per person and play session.

   A record is the whole evidence of one sitting, so the newest replaces the older and sending one
   twice does no harm. It is removed only after an acknowledged answer to exactly that record.
   Every record carries its own signed token: on a shared phone each person's evidence reaches
   that person, whoever is signed in. */

const PREFIX = "lectern.beat.";
const KEEP_MS = 30 * 24 * 3600 * 1000;
/* Answers that will not change by asking again; asked a few times all the same. */
const FINAL = [400, 401, 403, 404, 409, 410, 413];
const MAX_REFUSALS = 3;

export class BeatRefused extends Error {
  constructor(status) {
    super(`beat refused: ${status}`);
    this.status = status;
    this.final = FINAL.indexOf(status) >= 0;
  }
}

export class Outbox {
  /* `storage` is localStorage or the like; without one records live as long as the page. `giveUp`
     is asked before a record goes that will never count; false keeps it, for its person to be told
     later. */
  constructor({ storage, now, giveUp }) {
    this.storage = storage;
    this.now = now;
    this.giveUp = giveUp || (() => true);
    this.memory = {};
  }

  keyOf(person, session) {
    return `${PREFIX}${person}.${session}`;
  }

  put(key, record) {
    const text = JSON.stringify(Object.assign({ saved: this.now() }, record));
    this.memory[key] = text;
    try {
      this.storage.setItem(key, text);
      return true;
    } catch (error) {
      return false; // Full or forbidden: kept in memory.
    }
  }

  get(key) {
    let text = this.memory[key];
    try {
      text = this.storage.getItem(key) || text;
    } catch (error) {
      // Forbidden storage: what is in memory counts.
    }
    try {
      return text ? JSON.parse(text) : null;
    } catch (error) {
      return null;
    }
  }

  drop(key) {
    delete this.memory[key];
    try {
      this.storage.removeItem(key);
    } catch (error) {
      // Forbidden storage has nothing to remove.
    }
  }

  /* The server has `seq` of this session safe. A newer record stays. */
  acknowledged(key, seq) {
    const record = this.get(key);
    if (record && record.seq <= seq) {
      this.drop(key);
    }
  }

  refused(key, error) {
    const record = this.get(key);
    if (!record || !error.final) {
      return;
    }
    record.refusals = (record.refusals || 0) + 1;
    if (record.refusals >= MAX_REFUSALS && this.giveUp(record)) {
      this.drop(key);
    } else {
      this.put(key, record);
    }
  }

  /* Keys of records worth sending; what is broken or a month old goes. */
  keys() {
    const keys = Object.keys(this.memory);
    try {
      for (let i = 0; i < this.storage.length; i += 1) {
        const key = this.storage.key(i);
        if (key.indexOf(PREFIX) === 0 && keys.indexOf(key) < 0) {
          keys.push(key);
        }
      }
    } catch (error) {
      // Forbidden storage: what is in memory counts.
    }
    return keys.filter((key) => {
      const record = this.get(key);
      const good = record && record.token && record.url && record.seen !== undefined;
      if (good && this.now() - record.saved <= KEEP_MS) {
        return true;
      }
      if (good) {
        this.giveUp(record);
      }
      this.drop(key);
      return false;
    });
  }

  /* Send what earlier pages left behind, all but the session of this one. Resolves to [{record, answer}, …] of what arrived. */
  deliver(send, ownKey) {
    return this.keys().reduce(
      (chain, key) =>
        chain.then((delivered) => {
          const record = key === ownKey() ? null : this.get(key);
          if (!record) {
            return delivered;
          }
          return send(record).then(
            (answer) => {
              this.acknowledged(key, answer.seq);
              return delivered.concat([{ record, answer }]);
            },
            (error) => {
              if (error instanceof BeatRefused) {
                this.refused(key, error);
              }
              return delivered;
            },
          );
        }),
      Promise.resolve([]),
    );
  }
}

/* One beat over the wire. Resolves to the server's answer, which is an acknowledgement only when
   it is JSON that names the sequence number (a captive portal answers 200, too). `beacon` is given
   where a request cannot outlive its page: better sent without an answer than not sent. */
export function sendBeat(record, { fetchFn, keepalive, beacon, timeoutMs, setTimer, clearTimer }) {
  const body = JSON.stringify({ token: record.token, seq: record.seq, position: record.position, seen: record.seen });
  if (keepalive && beacon) {
    beacon(record.url, body);
    return Promise.reject(new Error("a beacon has no answer"));
  }
  const abort = typeof AbortController === "undefined" ? null : new AbortController();
  const timer = abort && setTimer(() => abort.abort(), timeoutMs);
  const options = { method: "POST", body, headers: { "Content-Type": "application/json" }, credentials: "same-origin" };
  if (keepalive) {
    options.keepalive = true;
  }
  if (abort) {
    options.signal = abort.signal;
  }
  return fetchFn(record.url, options)
    .then((response) => {
      if (!response.ok) {
        throw new BeatRefused(response.status);
      }
      return response.json();
    })
    .then((answer) => {
      if (!answer || typeof answer.union !== "string" || !(answer.seq >= record.seq)) {
        throw new Error("not an acknowledgement");
      }
      return answer;
    })
    .then(
      (answer) => {
        clearTimer(timer);
        return answer;
      },
      (error) => {
        clearTimer(timer);
        throw error;
      },
    );
}
