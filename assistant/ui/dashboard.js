// What the dashboards need of the browser: links that look elsewhere without a new page, the last visit, a lost
// connection, and the focus kept where a panel has been drawn anew.
(() => {
  const words = window.batteryWords;
  // Away for longer than this and coming back is another visit.
  const PAUSE = 15 * 60;
  const LOST_AFTER = 25;
  const seconds = () => Math.floor(Date.now() / 1000);
  const board = () => document.querySelector(".board");

  // Where a browser keeps nothing, every visit is the first one.
  const kept = (name, value) => {
    try {
      if (value === undefined) return localStorage.getItem(name) ?? "";
      localStorage.setItem(name, value);
    } catch { /* not allowed to keep anything */ }
    return "";
  };

  let visit = null;
  window.battery.lastVisit = () => {
    const seen = Number(kept("battery-seen"));
    if (visit === null) {
      visit = kept("battery-visit");
      if (seen && seconds() - seen > PAUSE) {
        visit = String(seen);
        kept("battery-visit", visit);
      }
    }
    if (document.visibilityState === "visible") kept("battery-seen", String(seconds()));
    return visit;
  };

  const look = () => document.querySelector("#look")?.click();

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-look]");
    // Another page, a new tab, or a page without a fleet to look at: the link does it alone.
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button || !document.querySelector("#look")) return;
    if (new URL(link.href).pathname !== location.pathname) return;
    event.preventDefault();
    history.pushState(null, "", link.href);
    look();
    if (link.closest("#board-devices, #board-alerts, #board-tiles, #board-changes")) {
      window.scrollTo({ top: 0, behavior: "auto" });
    }
  });
  addEventListener("popstate", look);

  // A panel that is drawn anew takes the focus with it; it is given back to the link that had it.
  let focused = "";
  document.addEventListener("focusin", (event) => {
    const link = event.target.closest?.(".board [data-key]");
    const panel = link?.closest("[id^=board-], [id^=geo-]");
    focused = panel ? `#${panel.id} [data-key="${CSS.escape(link.dataset.key)}"]` : "";
  });
  const giveBack = () => {
    if (!focused || document.activeElement !== document.body) return;
    document.querySelector(focused)?.focus({ preventScroll: true });
  };

  // The moment of the figures stands still when the server is not heard any more.
  let heard = seconds(), shown = "";
  const watch = () => {
    const place = document.querySelector(".board .as-of");
    if (!place) return;
    if (place.dataset.at !== shown) {
      shown = place.dataset.at;
      heard = seconds();
    }
    const lost = seconds() - heard > LOST_AFTER && document.visibilityState === "visible";
    board().classList.toggle("lost", lost);
    let note = document.querySelector("#lost-note");
    if (lost && !note) {
      note = battery.make("p", "", words.stale);
      note.id = "lost-note";
      note.setAttribute("role", "status");
      document.body.append(note);
    } else if (!lost) note?.remove();
  };
  document.addEventListener("visibilitychange", () => { heard = seconds(); });

  const begin = () => {
    new MutationObserver(giveBack).observe(document.body, { childList: true, subtree: true });
    setInterval(watch, 2000);
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
