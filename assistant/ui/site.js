// What only the browser knows: the conversation of this tab (in its address) and the time zone of the person.
window.battery = {
  // The conversation in the address; "" where there is none yet.
  current() {
    return new URLSearchParams(location.search).get("c") ?? "";
  },

  // The turn a link points to; "" where the address is not such a link.
  linked() {
    return new URLSearchParams(location.search).get("turn") ?? "";
  },

  // The conversation to ask in; a new one gets an address of its own, so that a reload continues it.
  conversation() {
    const known = this.current();
    if (known) return known;
    // 128 random bits: the address of a conversation cannot be guessed. randomUUID() needs https, this does not.
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    const id = "conv_" + Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    this.go(id);
    return id;
  },

  go(id) {
    const address = new URL(location.href);
    if (id) address.searchParams.set("c", id);
    else address.searchParams.delete("c");
    address.searchParams.delete("turn");
    history.replaceState(history.state, "", address);
    this.markList();
  },

  zone() {
    return Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
  },

  // The page has been filled with the conversation of its address, or there is none.
  arrived() {
    document.documentElement.classList.remove("resuming");
    if (this.linked()) this.seek(this.linked(), 20);
  },

  // Scrolls to a turn; the messages are drawn a moment after the page has got them.
  seek(turn, tries) {
    const row = document.querySelector(`[data-turn="${CSS.escape(turn)}"]`);
    if (row) {
      const questions = [...document.querySelectorAll("#conversation .user-row")];
      const before = (one) => row.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_PRECEDING;
      const question = questions.filter(before).pop();
      question?.classList.add("linked");
      // Charts above may still grow.
      for (const wait of [0, 600, 1500]) setTimeout(() => question?.scrollIntoView({ block: "start" }), wait);
    } else if (tries) setTimeout(() => this.seek(turn, tries - 1), 150);
  },

  // One request to our own API; gives what it answers, and throws its message.
  async send(method, address, body) {
    const answer = await fetch(address, {
      method,
      headers: body ? { "Content-Type": "application/json" } : {},
      body: body && JSON.stringify(body),
    });
    // The session has ended: the page asks for a sign-in when it is loaded again.
    if (answer.status === 401) location.reload();
    const said = answer.status === 204 ? null : await answer.json();
    if (!answer.ok) throw new Error(said.error?.message);
    return said;
  },

  focus() {
    document.querySelector("#message textarea")?.focus();
  },
};

// A reload must not greet for a moment somebody whose conversation is about to be shown.
if (window.battery.current()) document.documentElement.classList.add("resuming");

// While an answer grows, the question stands at the top of the window and the answer below it, unless the person
// scrolls. Charts are drawn a moment after the turn has ended, so this goes on a little longer.
(() => {
  let followUntil = 0;
  const stopFollowing = () => { followUntil = 0; };
  for (const kind of ["wheel", "touchmove", "mousedown"]) addEventListener(kind, stopFollowing, { passive: true });
  addEventListener("keydown", (event) => {
    if (["PageUp", "PageDown", "Home", "End", "ArrowUp", "ArrowDown"].includes(event.key)) stopFollowing();
  });
  new MutationObserver(() => {
    if (Date.now() > followUntil) return;
    const questions = document.querySelectorAll("#conversation .user-row");
    questions[questions.length - 1]?.scrollIntoView({ block: "start" });
  }).observe(document, { childList: true, subtree: true, characterData: true });
  window.battery.follow = () => { followUntil = Date.now() + 120000; };
  window.battery.settle = () => {
    followUntil = Math.min(followUntil, Date.now() + 8000);
    window.battery.refreshList();
  };
})();

// Escape stops a running answer, unless it closes something first.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || document.querySelector("dialog[open]")) return;
  const stop = document.querySelector("#stop");
  if (stop?.offsetParent) stop.click();
});
