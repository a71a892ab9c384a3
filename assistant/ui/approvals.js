// Cards of planned actions: approve, reject, undo; and the panel of all that waits. Every decision is a call of the API,
// bound to the hash that the card shows.
(() => {
  const words = window.batteryWords;
  const { make, button } = window.battery;
  const EVERY = 20000;
  const time = (moment) => new Date(moment).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });

  const fill = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

  const told = ({ plan, entry }) => {
    const values = { means: entry?.means, by: plan.decided_by, at: plan.decided && time(plan.decided), reason: plan.reason };
    return fill(words.approvalStates[plan.state] ?? "", values);
  };

  const show = (card, decided) => {
    card.dataset.state = decided.plan.state;
    card.querySelector(".approval-state").textContent = told(decided);
  };

  const cardsOf = (plan) => document.querySelectorAll(`.approval[data-plan="${CSS.escape(plan)}"]`);

  const look = async (plan) => {
    const now = await battery.send("GET", `/api/approvals/${plan}`);
    for (const card of cardsOf(plan)) show(card, now);
  };

  const decide = async (card, decision) => {
    const { plan, hash } = card.dataset;
    const status = card.querySelector(".approval-state");
    card.classList.add("busy");
    status.textContent = words.deciding;
    try {
      if (decision === "undo") await battery.send("POST", `/api/actions/${plan}/undo`);
      else await battery.send("POST", `/api/approvals/${plan}`, { decision, hash });
      await look(plan);
    } catch (error) {
      // Somebody else may have been faster: then the card says what they decided.
      await look(plan).catch(() => {});
      if (card.dataset.state === "pending" || decision === "undo") status.textContent = error.message || words.failed;
    } finally {
      card.classList.remove("busy");
    }
    refresh();
  };

  document.addEventListener("click", (event) => {
    const pressed = event.target.closest?.(".approval [data-decide]");
    if (pressed) decide(pressed.closest(".approval"), pressed.dataset.decide);
  });

  // The panel stands outside of the conversation: what waits may have been asked for elsewhere, or by somebody else.
  const cardOf = (waiting) => {
    const card = make("section", "approval");
    Object.assign(card.dataset, { plan: waiting.id, hash: waiting.hash, state: "pending", action: waiting.action });
    card.append(
      make("p", "approval-what", waiting.impact.means),
      make("p", "approval-until", fill(words.waitsFor, { by: waiting.asked_by, at: time(waiting.expires_at) })),
    );
    const row = make("div", "approval-buttons");
    for (const decision of ["approve", "reject"]) {
      const made = button("", words[decision], () => {});
      made.dataset.decide = decision;
      row.append(made);
    }
    const status = make("p", "approval-state");
    status.setAttribute("role", "status");
    card.append(row, status);
    return card;
  };

  const panel = () => document.getElementById("approvals");

  const fillPanel = (waiting) => {
    const place = panel();
    if (!place) return;
    place.hidden = !waiting.length;
    place.querySelector("summary").textContent = fill(words.waitingCount, { count: waiting.length });
    const list = place.querySelector(".approvals-list");
    const known = new Set([...list.children].map((card) => card.dataset.plan));
    for (const card of [...list.children]) {
      if (!waiting.some((one) => one.id === card.dataset.plan)) card.remove();
    }
    for (const one of waiting) if (!known.has(one.id)) list.append(cardOf(one));
    if (!waiting.length) place.open = false;
  };

  const refresh = async () => {
    const { approvals } = await battery.send("GET", "/api/approvals").catch(() => ({ approvals: null }));
    if (!approvals) return;
    fillPanel(approvals);
    const waits = new Set(approvals.map((one) => one.id));
    const gone = [...document.querySelectorAll('#conversation .approval[data-state="pending"]')]
      .map((card) => card.dataset.plan)
      .filter((plan) => !waits.has(plan));
    await Promise.all([...new Set(gone)].map((plan) => look(plan).catch(() => {})));
  };

  // After each answer, and when the page has been filled with a conversation.
  for (const moment of ["settle", "arrived"]) {
    const before = battery[moment].bind(battery);
    battery[moment] = () => { before(); refresh(); };
  }
  setInterval(() => { if (!document.hidden) refresh(); }, EVERY);
})();
