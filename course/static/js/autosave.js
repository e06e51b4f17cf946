// Saves a draft while somebody writes, and says "Saved" only when the server has said so.
// Binds form[data-autosave]; the address is its value or, if empty, the form's action. Keeps no words in the browser.
const PAUSE = 2000, SLOW = 1000, PATIENCE = 30000, LONGEST = 60000, KEEPALIVE_BYTES = 60000, LONGEST_PASTE = 500000;
const STILL = " Your words are still here. Keep this page open.";

class Draft {
  constructor(form) {
    this.form = form;
    this.line = form.querySelector("[data-status]");
    this.typed = this.saved = this.failures = 0;
    this.busy = null;
    this.unheard = [];                       // saves whose answer never came: the server may have taken them
    form.addEventListener("input", () => this.touched());
    form.addEventListener("change", () => this.touched());
    form.addEventListener("focusout", () => this.save());
    form.addEventListener("paste", (event) => this.pasted(event));
    if ([...form.querySelectorAll("textarea")].some((box) => box.value !== box.defaultValue)) this.touched();
  }

  touched() { this.typed += 1; this.later(PAUSE); }

  // Megabytes in a box stop the whole browser while it breaks them into lines: they stay on the clipboard.
  pasted(event) {
    const words = event.clipboardData ? event.clipboardData.getData("text/plain") : "";
    if (words.length <= LONGEST_PASTE) return;
    event.preventDefault();
    this.say(`Not pasted: that is ${words.length.toLocaleString("en-GB")} characters, far more than a box takes. ` +
      "What was here before is still here. Paste a shorter part.", "no");
  }

  get unsaved() { return this.typed !== this.saved && !this.leaving; }

  later(wait) { clearTimeout(this.timer); this.timer = setTimeout(() => this.save(), wait); }

  say(words, kind = "", link = null) {
    if (!this.line) return;
    this.line.className = "status" + (kind && " " + kind);
    if (this.line.textContent === words + (link ? " " + link.textContent : "")) return;
    this.line.textContent = words + (link ? " " : "");
    if (link) this.line.append(link);
  }

  // One save at a time: words typed meanwhile follow as soon as it is answered. Only a closing page does not wait.
  save(closing = false) {
    clearTimeout(this.timer);
    if (!this.unsaved) return Promise.resolve();
    if (this.busy && !closing) return this.busy;
    const busy = this.send(this.typed).then(() => {
      if (this.busy !== busy) return;
      this.busy = null;
      if (this.unsaved && !this.failures) this.later(0);
    });
    return (this.busy = busy);
  }

  async send(version) {
    const words = new FormData(this.form), nonce = random();
    let size = 0;
    for (const [name, value] of [...words]) {
      if (typeof value === "string") size += 200 + 3 * value.length; else words.delete(name);
    }
    const stop = new AbortController(), limit = setTimeout(() => stop.abort(), PATIENCE);
    const slow = setTimeout(() => this.say("Saving…"), SLOW);
    const headers = { Accept: "application/json", "X-Save": nonce };
    if (this.unheard.length) headers["X-After"] = this.unheard.join(" ");
    this.unheard = [...this.unheard, nonce].slice(-4);
    let status = 0, reply = null;
    try {
      const answer = await fetch(this.form.dataset.autosave || this.form.getAttribute("action"), {
        method: "POST", body: words, headers, redirect: "error", signal: stop.signal, keepalive: size < KEEPALIVE_BYTES,
      });
      status = answer.status;
      reply = await answer.json();
    } catch (_) { /* no network, or a page instead of an answer: not saved */ }
    clearTimeout(limit);
    clearTimeout(slow);
    this.heard(version, nonce, status, reply || {});
  }

  heard(version, nonce, status, reply) {
    const ours = status === 200 && typeof reply.saved === "string" && reply.nonce === nonce;
    const signedOut = status === 401 && Boolean(reply.sign_in);
    this.plain = signedOut || (status >= 400 && status < 500 && !reply.problem && !reply.refused && !reply.conflict);
    if (ours || (status >= 400 && status < 500)) this.unheard = this.unheard.filter((one) => one !== nonce);
    if (ours) {
      this.failures = 0;
      this.unheard = [];
      this.saved = Math.max(this.saved, version);
      if (this.form.elements.base && Number.isInteger(reply.revision)) this.form.elements.base.value = reply.revision;
      return this.say(reply.saved, "ok");
    }
    this.failures += 1;
    if (status === 409 && reply.conflict) {
      if (reply.kept) this.saved = Math.max(this.saved, version);
      return this.say("These words were changed on another page.", "no", link("See both", reply.address));
    }
    if (signedOut) {
      return this.say("You have been signed out. Your words are still here.", "no",
        link("Sign in in another tab, then press Save.", reply.sign_in === true ? "/sign-in" : reply.sign_in));
    }
    if (status >= 400 && status < 500 && status !== 429) {
      return this.say("Not saved: " + (reply.problem || reply.refused || "the site did not take it.") + STILL, "no");
    }
    this.say((status >= 429 ? "Not saved: the site is having trouble." : "Not saved: no connection.") + STILL, "no");
    this.later(Math.min(LONGEST, PAUSE * 2 ** this.failures) * (0.75 + Math.random() / 2));
  }

  // The save button saves in place. If the server wants a page of its own for it (signed out), the browser goes there.
  pressed(event) {
    if (this.plain) { this.leaving = true; return; }
    event.preventDefault();
    this.touched();
    (this.busy || Promise.resolve()).then(() => this.save());
  }
}

function random() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((n) => n.toString(16).padStart(2, "0")).join("");
}

function link(words, address) {
  const a = document.createElement("a");
  Object.assign(a, { href: address, target: "_blank", rel: "noopener", textContent: words });
  return a;
}

const drafts = [...document.querySelectorAll("form[data-autosave]")].map((form) => new Draft(form));
const each = (act) => () => drafts.forEach(act);
const unsaved = () => drafts.some((draft) => draft.unsaved);

// Before the page is left for another of ours, the last words arrive first: the next page may show or hand in the draft.
function settle() {
  const wait = new Promise((done) => setTimeout(done, 3000));
  return Promise.race([wait, Promise.all(drafts.map((draft) => Promise.resolve(draft.busy).then(() => draft.save())))]);
}

document.addEventListener("submit", (event) => {
  const form = event.target, button = event.submitter, draft = drafts.find((one) => one.form === form);
  if (draft && button && button.closest(".saving")) return draft.pressed(event);
  if (form.dataset.settled === undefined && button && unsaved()) {
    event.preventDefault();
    form.dataset.settled = "";
    return settle().then(() => button.click());
  }
  if (draft) draft.leaving = true;
});
document.addEventListener("click", (event) => {
  const a = event.target.closest("a[href]");
  if (!a || a.target || "leave" in a.dataset || a.origin !== location.origin || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (a.pathname === location.pathname && a.hash || !unsaved()) return;
  event.preventDefault();
  settle().then(() => { location.href = a.href; });
});
addEventListener("online", each((draft) => draft.save()));
addEventListener("pagehide", each((draft) => draft.save(true)));
addEventListener("pageshow", each((draft) => { draft.leaving = false; delete draft.form.dataset.settled; }));
document.addEventListener("visibilitychange", () => document.hidden && drafts.forEach((draft) => draft.save()));
addEventListener("beforeunload", (event) => {
  if (!("leaving" in document.documentElement.dataset) && unsaved()) event.preventDefault();
});
