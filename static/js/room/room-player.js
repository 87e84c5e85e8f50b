/* One <video> that plays the lectures of a session one after the other and gathers evidence of each:
   the parts of the lecture page's player, joined anew for every recording. The element stays, and with
   it full screen and the permission to play with sound. The whole recording is loaded ahead, so that a
   lost line does not end the evening. */

import { AccessDenied, Addresses } from "../player/addresses.js";
import { Evidence } from "../player/evidence.js";
import { playbackLoader } from "../player/requests.js";
import { WatchSession } from "../player/session.js";
import { abilitiesOf } from "../player/sources.js";
import { Transport } from "../player/transport.js";
import { watch } from "../player/watching.js";

/* What `watch` is given once and for all; it hands on to whatever plays now. */
function relay(names, current) {
  const found = {};
  names.forEach((name) => {
    found[name] = (...said) => current() && current()[name](...said);
  });
  return found;
}

export class RoomPlayer {
  /* `open(lecture)` resolves to the server's answer with a `playback`; `onchange(what)` hears what
     transport and session tell. */
  constructor({ video, outbox, person, open, send, loadHls, line, fetchFn, win, doc, setTimer, clearTimer, onchange }) {
    Object.assign(this, { video, outbox, person, open, send, loadHls, line, fetchFn, win, doc });
    Object.assign(this, { setTimer, clearTimer, onchange });
    this.evidence = null;
    this.session = null;
    this.transport = null;
    this.addresses = null;
    watch({
      video,
      evidence: relay(["observe", "hold", "interrupt"], () => this.evidence),
      session: relay(
        ["onchange", "playing", "stopped", "beat", "beatBeforeHiding", "online", "offline"],
        () => this.session,
      ),
      transport: { isLoading: () => !this.transport || this.transport.isLoading(), onleave: null },
      win,
      doc,
    });
  }

  ownKey() {
    return this.session ? this.session.key : "";
  }

  /* Resolves once the server knows what is to be played; rejects with its words. */
  load({ lecture, title, playbackUrl }) {
    return this.open(lecture).then((answer) => ({ answer, lecture, title, playbackUrl }));
  }

  play({ answer, lecture, title, playbackUrl }) {
    this.leave();
    const { video, win } = this;
    this.evidence = new Evidence({ seconds: answer.seconds, duration: answer.duration });
    let first = answer;
    this.session = new WatchSession({
      evidence: this.evidence,
      outbox: this.outbox,
      person: this.person,
      lecture,
      title,
      open: () => {
        const known = first;
        first = null;
        return known ? Promise.resolve(known) : this.open(lecture);
      },
      send: this.send,
      position: () => video.currentTime || 0,
      now: Date.now,
      setTimer: this.setTimer,
      clearTimer: this.clearTimer,
      onchange: (what) => this.onchange(what),
    });
    this.addresses = new Addresses({
      playback: answer.playback,
      askedAt: Date.now(),
      load: playbackLoader({ url: playbackUrl, fetchFn: this.fetchFn, Refusal: AccessDenied }),
      now: Date.now,
      setTimer: this.setTimer,
      clearTimer: this.clearTimer,
      ondenied: () => this.onchange("denied"),
    });
    const abilities = abilitiesOf(win, video);
    this.transport = new Transport({
      video,
      addresses: this.addresses,
      win,
      abilities,
      loadHls: this.loadHls,
      speedLimit: 1,
      // The light file cannot be loaded ahead; hls.js has its rung for weak lines as well.
      line: abilities.hasMse ? "good" : this.line,
      ahead: true,
    });
    this.transport.onchange = (what) => this.onchange(what);
    this.transport.pending = answer.position;
    this.session.open();
    this.transport.play();
  }

  /* What was played so far is told; what the server does not take now waits in the outbox. */
  leave() {
    if (!this.transport) {
      return;
    }
    this.video.pause();
    this.session.stopped();
    this.session.beat();
    this.addresses.stop();
    if (this.transport.source) {
      this.transport.source.destroy();
    }
    this.transport.onchange = () => {};
    this.transport.started = false;
    this.transport = null;
  }
}
