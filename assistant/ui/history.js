// The list of the person's conversations beside the page: open, search, rename, export and delete them.
(() => {
  const words = window.batteryWords;
  const { make, button } = window.battery;
  const LONGEST_TITLE = 120;
  const DAY = 86400000;
  let asked = 0;

  const side = make("aside");
  side.id = "history";
  side.setAttribute("aria-label", words.conversations);
  const search = make("input");
  search.type = "search";
  search.placeholder = words.find;
  search.setAttribute("aria-label", words.find);
  const list = make("nav");
  list.setAttribute("aria-label", words.conversations);
  const fresh = button("fresh", words.fresh, () => open(""));
  const toggle = button("", "", () => shut(side.classList.contains("open")));
  toggle.id = "history-toggle";
  toggle.setAttribute("aria-label", words.conversations);
  toggle.setAttribute("aria-controls", side.id);
  toggle.setAttribute("aria-expanded", "false");
  const veil = make("div");
  veil.id = "history-veil";
  veil.addEventListener("click", () => shut(true));
  side.append(fresh, search, list);

  // On a narrow screen the list lies over the page and is shut when it has been used.
  const shut = (closed) => {
    side.classList.toggle("open", !closed);
    toggle.setAttribute("aria-expanded", String(!closed));
    (closed ? toggle : search).focus();
  };

  const open = (id) => {
    battery.go(id);
    document.getElementById("open")?.click();
    mark();
    if (side.classList.contains("open")) shut(true);
    battery.focus();
  };

  const mark = () => {
    for (const item of list.querySelectorAll("li")) {
      const isOpen = item.dataset.id === battery.current();
      if (isOpen) item.firstChild.setAttribute("aria-current", "page");
      else item.firstChild.removeAttribute("aria-current");
    }
  };

  const era = (moment) => {
    const midnight = new Date().setHours(0, 0, 0, 0);
    const age = midnight - new Date(moment).getTime();
    if (age <= 0) return words.today;
    if (age <= DAY) return words.yesterday;
    return age <= 7 * DAY ? words.week : words.older;
  };

  const act = (work) => work.then(refresh, (error) => note(error.message || words.failed));

  const rename = async (one) => {
    const title = await battery.filledIn(words.renameTitle, words.title, one.title, LONGEST_TITLE);
    if (title) await battery.send("PATCH", `/api/conversations/${one.conversation_id}`, { title });
  };

  const remove = async (one) => {
    if (!(await battery.confirmed(words.removeTitle, `${words.removeText} “${one.title}”`, words.remove))) return;
    await battery.send("DELETE", `/api/conversations/${one.conversation_id}`);
    if (one.conversation_id === battery.current()) open("");
  };

  const download = (one, format) => {
    const link = make("a");
    link.href = `/api/conversations/${one.conversation_id}/export?format=${format}`;
    link.download = "";
    link.click();
  };

  // A native disclosure, so that keys and screen readers know it without help of ours.
  const menu = (one) => {
    const more = make("details", "more");
    const handle = make("summary", "", "⋯");
    handle.setAttribute("aria-label", `${words.actions} ${one.title}`);
    const choose = (work) => () => { more.open = false; handle.focus(); work(); };
    const choices = make("div", "choices");
    choices.append(
      button("", words.rename, choose(() => act(rename(one)))),
      button("", words.exportMarkdown, choose(() => download(one, "markdown"))),
      button("", words.exportJson, choose(() => download(one, "json"))),
      button("danger", words.remove, choose(() => act(remove(one)))),
    );
    more.append(handle, choices);
    return more;
  };

  const item = (one) => {
    const made = make("li");
    made.dataset.id = one.conversation_id;
    const title = button("title", one.title, () => open(one.conversation_id));
    title.title = one.title;
    made.append(title, menu(one));
    return made;
  };

  const note = (text, again = null) => {
    list.querySelector(".note")?.remove();
    const said = make("p", "note", text);
    said.setAttribute("role", "status");
    if (again) said.append(" ", button("", words.again, again));
    list.prepend(said);
  };

  const fill = (found) => {
    list.replaceChildren();
    if (!found.length) note(search.value.trim() ? words.notFound : words.none);
    let era_ = "", group = null;
    for (const one of found) {
      if (era(one.last_utc) !== era_) {
        era_ = era(one.last_utc);
        group = make("ul");
        group.setAttribute("aria-label", era_);
        list.append(make("h2", "", era_), group);
      }
      group.append(item(one));
    }
    mark();
  };

  // Only the newest request fills the list: an answer to fewer letters may come later.
  const refresh = async () => {
    const number = ++asked;
    try {
      const address = `/api/conversations?search=${encodeURIComponent(search.value.trim())}`;
      const found = await battery.send("GET", address);
      if (number === asked) fill(found.conversations);
    } catch {
      if (number === asked) { list.replaceChildren(); note(words.listFailed, refresh); }
    }
  };

  let typing = 0;
  search.addEventListener("input", () => { clearTimeout(typing); typing = setTimeout(refresh, 200); });
  document.addEventListener("click", (event) => {
    for (const more of list.querySelectorAll("details[open]")) if (!more.contains(event.target)) more.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || document.querySelector("dialog[open]")) return;
    const more = list.querySelector("details[open]");
    if (more) { more.open = false; more.firstChild.focus(); event.stopImmediatePropagation(); }
    else if (side.classList.contains("open")) { shut(true); event.stopImmediatePropagation(); }
  });
  const begin = () => {
    // Beside the chat alone: the dashboards need the width.
    if (location.pathname !== "/chat") return;
    document.documentElement.classList.add("with-history");
    document.body.prepend(toggle, side, veil);
    note(words.loading);
    refresh();
  };
  Object.assign(window.battery, { refreshList: refresh, markList: mark });
  // Gradio runs the scripts of the head when it likes, mostly after the document has been read.
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
