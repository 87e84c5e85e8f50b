/* What the member is shown and told about the evidence: strip, panel, notices, resume point. */

import { fill, lengthText } from "./texts.js";

/* Stopped within the first or last seconds: there is nothing to resume. */
const RESUME_MARGIN = 5;
/* Fewer seconds than this are rounding, not worth a word. */
const CUT_WORTH_SAYING = 3;

export class EvidenceView {
  /* `hasMoment`: the address of the page names where to begin (`?t=200`), so nothing is resumed.
     `opens`: what the page shows once the lecture is learnt, or null. */
  constructor({ transport, seekBar, panel, picture, notices, texts, hasMoment, isPhone, reload, opens }) {
    Object.assign(this, { transport, seekBar, panel, picture, notices, texts, hasMoment, isPhone, reload, opens });
    this.resumedAt = 0;
    this.wasComplete = false;
    this.cutSaid = false;
    this.givenUp = [];
    this.isRecording = false;
  }

  heard(session, what) {
    if (what === "opened") {
      this.notices.clear("denied");
      this.wasComplete = session.completed;
      this.offerResume(session);
    } else if (what === "beat") {
      this.sayBeat(session);
    } else if (what === "line") {
      this.sayLine(session);
    } else if (what === "denied") {
      this.sayDenied();
    }
    // Each further second changes the strip only; the first one of the sitting is worth words.
    this.show(session, what !== "evidence" || !this.isRecording);
    this.isRecording = this.isRecording || what === "evidence";
  }

  show(session, withWords) {
    const view = {
      confirmed: session.confirmed,
      pending: session.pending(),
      seconds: session.seconds,
      completed: session.completed,
      missing: session.missing || [],
      coverage: session.coverage,
      lost: session.lost,
      duration: this.transport.duration,
    };
    if (this.opens && session.completed) {
      this.opens.hidden = false;
    }
    this.seekBar.drawWatched(view);
    this.panel.show(view, withWords);
  }

  offerResume(session) {
    const { transport } = this;
    const position = session.opened.position || 0;
    const worth = !this.hasMoment && position >= RESUME_MARGIN && position < transport.duration - RESUME_MARGIN;
    if (worth && !transport.started && transport.position() === 0) {
      transport.seek(position);
      this.picture.offerResume(position);
      this.resumedAt = position;
    } else if (worth && transport.started && transport.position() < position - RESUME_MARGIN) {
      this.offerJump(position); // begun by the markup before anybody knew
    }
  }

  offerJump(position) {
    const { notices, texts, transport } = this;
    notices.show("resumed", {
      text: fill(texts.stoppedAt, { time: lengthText(texts, position) }),
      seconds: 15,
      actionText: texts.goOnThere,
      act: () => transport.seek(position),
    });
  }

  /* Called when the video plays: say once that it did not begin at the beginning. */
  sayResumed() {
    const { resumedAt, transport, texts } = this;
    this.resumedAt = 0;
    if (resumedAt && transport.position() >= resumedAt - 1) {
      this.notices.show("resumed", {
        text: fill(texts.resumed, { time: lengthText(texts, resumedAt) }),
        seconds: 10,
        actionText: texts.fromStart,
        act: () => transport.seek(0),
      });
    }
  }

  sayLine(session) {
    const { notices, texts } = this;
    const lost = this.isPhone ? texts.lostPhone : texts.lostComputer;
    if (session.lost) {
      notices.show("line", { text: session.opened ? lost : texts.openFailed, icon: "offline" });
    } else if (notices.has("line")) {
      notices.clear("line");
      notices.show("recovered", { text: texts.recovered, icon: "ok", seconds: 6 });
    }
  }

  sayBeat(session) {
    const { notices, texts } = this;
    if (session.completed && !this.wasComplete) {
      notices.show("complete", { text: texts.complete, icon: "ok", seconds: 12 });
    }
    this.wasComplete = session.completed;
    if (session.cut >= CUT_WORTH_SAYING && !this.cutSaid) {
      this.cutSaid = true;
      notices.show("cut", { text: fill(texts.cut, { length: lengthText(texts, session.cut) }), seconds: 15 });
    }
  }

  /* What was watched in an earlier sitting will never count. */
  sayGivenUp(title) {
    const { notices, texts, givenUp } = this;
    if (givenUp.indexOf(title) < 0) {
      givenUp.push(title);
    }
    notices.show("givenUp", { text: fill(texts.givenUp, { titles: givenUp.join("、") }), seconds: 60 });
  }

  sayDenied() {
    const { notices, texts, reload } = this;
    notices.show("denied", { text: texts.denied, icon: "offline", actionText: texts.reload, act: reload });
  }
}
