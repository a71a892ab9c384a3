// The manuals page: lists the documents, adds and removes them over the API.
(() => {
  const words = window.batteryWords;
  const { make, button } = window.battery;
  const AT = "/api/knowledge/documents";
  const HASH_SHOWN = 12;
  const KINDS = ".md,.txt,.pdf,.docx,.html,.htm";
  let page = null;

  const say = (text, isError = false) => {
    const said = page.querySelector(".manuals-said");
    said.classList.toggle("error", isError);
    said.textContent = text;
  };

  const day = (moment) => new Date(moment).toLocaleDateString(undefined, { dateStyle: "medium" });
  const minute = (moment) => new Date(moment).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });

  // One cell with its heading, which a narrow screen shows beside it.
  const cell = (row, name, ...parts) => {
    const made = make("td");
    made.dataset.name = name;
    made.append(...parts);
    row.append(made);
  };

  const row = (one, newest) => {
    const isOld = one.facts.revision < newest[one.facts.id];
    const made = make("tr", isOld ? "manuals-old" : "");
    const title = make("div", "manuals-title", one.facts.title);
    cell(made, words.document, title, make("div", "manuals-id", isOld ? `${one.facts.id}, ${words.superseded}` : one.facts.id));
    cell(made, words.revisionHead, String(one.facts.revision));
    cell(made, words.dated, day(one.facts.date));
    cell(made, words.passages, String(one.chunks));
    if (!one.is_added) return made;
    const by = one.addition;
    cell(made, words.addedBy, by ? make("div", "", by.who) : words.noData, by ? make("div", "manuals-id", minute(by.added_utc)) : "");
    const hash = make("code", "", by ? `${by.sha256.slice(0, HASH_SHOWN)}…` : words.noData);
    if (by) hash.title = by.sha256;
    cell(made, words.hash, hash);
    const gone = button("manuals-remove", words.removeDocument, () => remove(one));
    gone.setAttribute("aria-label", `${words.removeDocument} ${one.facts.title}`);
    cell(made, "", gone);
    return made;
  };

  const list = (title, found, newest, headings, none) => {
    const section = make("section");
    section.append(make("h3", "", `${title} (${found.length})`));
    if (!found.length) { section.append(make("p", "manuals-none", none)); return section; }
    const table = make("table"), head = make("tr"), body = make("tbody");
    for (const name of headings) {
      const made = make("th", "", name);
      made.scope = "col";
      head.append(made);
    }
    const top = make("thead");
    top.append(head);
    body.append(...found.map((one) => row(one, newest)));
    table.append(top, body);
    section.append(table);
    return section;
  };

  const fill = (documents) => {
    const plain = [words.document, words.revisionHead, words.dated, words.passages];
    const added = documents.filter((one) => one.is_added), shipped = documents.filter((one) => !one.is_added);
    const newest = {};
    for (const { facts } of documents) newest[facts.id] = Math.max(newest[facts.id] ?? 0, facts.revision);
    page.querySelector(".manuals-lists").replaceChildren(
      list(words.added, added, newest, [...plain, words.addedBy, words.hash, ""], words.noneAdded),
      list(words.shipped, shipped, newest, plain, ""),
    );
    page.setAttribute("aria-busy", "false");
  };

  const refresh = async () => {
    try { fill((await battery.send("GET", AT)).documents); }
    catch (error) { say(error.message || words.listFailed, true); }
  };

  // Ends with the list as it is now, whether the work was done or not.
  const during = async (doing, work, done) => {
    const add = page.querySelector(".manuals-add button");
    add.disabled = true;
    say(doing);
    try { await work(); say(done); }
    catch (error) { say(error.message || words.failed, true); }
    add.disabled = false;
    await refresh();
  };

  const upload = async (file) => {
    const answer = await fetch(`${AT}?name=${encodeURIComponent(file.name)}`, { method: "POST", body: file });
    const said = await answer.json();
    if (!answer.ok) throw new Error([said.error?.message, said.error?.hint].filter(Boolean).join(" "));
  };

  const remove = async (one) => {
    const text = `${words.removeDocumentText} “${one.facts.title}”`;
    if (!(await battery.confirmed(words.removeDocumentTitle, text, words.removeDocument))) return;
    const address = `${AT}/${encodeURIComponent(one.facts.id)}?revision=${one.facts.revision}`;
    await during(words.indexing, () => battery.send("DELETE", address), words.removedDocument);
  };

  const begin = () => {
    page = document.getElementById("manuals");
    const file = make("input");
    file.type = "file";
    file.accept = KINDS;
    file.hidden = true;
    file.addEventListener("change", () => {
      const [chosen] = file.files;
      file.value = "";
      if (chosen) during(`${words.indexing} ${chosen.name}`, () => upload(chosen), `${words.addedDocument} ${chosen.name}`);
    });
    page.querySelector(".manuals-add").append(button("", words.addDocument, () => file.click()), file);
    say(words.loading);
    refresh().then(() => { if (!page.querySelector(".manuals-said.error")) say(""); });
  };

  // Gradio draws the page a moment after the document has been read.
  const whenDrawn = (selector, act, tries = 200) => {
    if (document.querySelector(selector)) act();
    else if (tries) setTimeout(() => whenDrawn(selector, act, tries - 1), 50);
  };
  if (location.pathname === "/manuals") {
    document.documentElement.classList.add("manuals-page");
    whenDrawn("#manuals", begin);
  }
})();
