// What the row below an answer does: copy the answer or a link to it, like or dislike it and say why.
(() => {
  const words = window.batteryWords;
  const { make } = window.battery;
  const LONGEST_REASON = 1000;

  const say = (row, text) => {
    const place = row.querySelector(".turn-said");
    place.textContent = text;
    setTimeout(() => { if (place.textContent === text) place.textContent = ""; }, 2500);
  };

  // The clipboard needs https or this machine; elsewhere the old way still works.
  const copy = async (text) => {
    if (navigator.clipboard) return navigator.clipboard.writeText(text);
    const area = make("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    const copied = document.execCommand("copy");
    area.remove();
    if (!copied) throw new Error("not copied");
  };

  const copyAndSay = (row, text, done) => copy(text).then(() => say(row, done), () => say(row, words.notCopied));

  const addressOf = (turn) => {
    const address = new URL("/chat", location.origin);
    address.searchParams.set("c", battery.current());
    address.searchParams.set("turn", turn);
    return address.href;
  };

  const show = (row, verdict, reason) => {
    for (const kind of ["like", "dislike"]) {
      row.querySelector(`[data-do=${kind}]`).setAttribute("aria-pressed", String(kind === verdict));
    }
    row.dataset.reason = reason;
    row.querySelector(".reason-given")?.remove();
    row.querySelector("form")?.remove();
    if (reason) row.append(make("p", "reason-given", reason));
  };

  const give = async (row, verdict, reason) => {
    await battery.send("POST", "/api/feedback", { turn_id: row.dataset.turn, verdict, reason });
    show(row, verdict, reason);
    say(row, words.kept);
  };

  const askWhy = (row, verdict) => {
    const form = make("form", "reason");
    const input = make("input");
    input.placeholder = words.why;
    input.setAttribute("aria-label", words.why);
    input.maxLength = LONGEST_REASON;
    input.value = row.dataset.reason;
    const save = make("button", "", words.save);
    form.append(input, save);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      give(row, verdict, input.value.trim()).catch(() => say(row, words.failed));
    });
    row.querySelector(".reason-given")?.remove();
    row.append(form);
    input.focus();
  };

  const judge = async (row, pressed, verdict) => {
    if (pressed.getAttribute("aria-pressed") === "true") {
      await battery.send("DELETE", `/api/feedback/${row.dataset.turn}`);
      show(row, "", "");
      say(row, words.withdrawn);
      return;
    }
    await give(row, verdict, "");
    askWhy(row, verdict);
  };

  document.addEventListener("click", (event) => {
    const pressed = event.target.closest?.(".turn-actions [data-do]");
    if (!pressed) return;
    const row = pressed.closest(".turn-actions");
    const act = pressed.dataset.do;
    if (act === "copy") copyAndSay(row, row.dataset.answer, words.copied);
    else if (act === "link") copyAndSay(row, addressOf(row.dataset.turn), words.linkCopied);
    else judge(row, pressed, act).catch(() => say(row, words.failed));
  });
})();
