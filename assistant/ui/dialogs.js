// Small dialogs of the site: one question with a yes and a no, or one line to fill in. Escape is the no.
(() => {
  const words = window.batteryWords;

  // An element with its class and text; text is never read as markup.
  const make = (tag, className = "", text = "") => {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text) element.textContent = text;
    return element;
  };

  const button = (className, text, act) => {
    const made = make("button", className, text);
    made.type = "button";
    made.addEventListener("click", act);
    return made;
  };

  // A dialog that goes when it is closed, and gives the focus back to what had it.
  const dialog = (className, title) => {
    const before = document.activeElement;
    const made = make("dialog", `battery-dialog ${className}`);
    const heading = make("h2", "", title);
    heading.id = "battery-dialog-title";
    made.setAttribute("aria-labelledby", heading.id);
    made.append(heading);
    made.addEventListener("click", (event) => { if (event.target === made) made.close(); });
    made.addEventListener("close", () => { made.remove(); before?.focus?.(); });
    document.body.append(made);
    return made;
  };

  // Whether the person agrees; the safe answer has the focus.
  const confirmed = (title, text, yes) => new Promise((settle) => {
    const made = dialog("narrow", title);
    const row = make("div", "dialog-row");
    const no = button("quiet", words.cancel, () => made.close());
    row.append(no, button("danger", yes, () => { made.returnValue = "yes"; made.close("yes"); }));
    made.append(make("p", "", text), row);
    made.addEventListener("close", () => settle(made.returnValue === "yes"));
    made.showModal();
    no.focus();
  });

  // The line as it was filled in, or null.
  const filledIn = (title, label, value, longest) => new Promise((settle) => {
    const made = dialog("narrow", title);
    const form = make("form");
    const input = make("input");
    input.value = value;
    input.maxLength = longest;
    input.required = true;
    input.setAttribute("aria-label", label);
    const row = make("div", "dialog-row");
    const save = make("button", "strong", words.save);
    save.type = "submit";
    row.append(button("quiet", words.cancel, () => made.close()), save);
    form.append(input, row);
    form.addEventListener("submit", (event) => { event.preventDefault(); if (input.value.trim()) made.close("save"); });
    made.append(form);
    made.addEventListener("close", () => settle(made.returnValue === "save" ? input.value.trim() : null));
    made.showModal();
    input.select();
  });

  Object.assign(window.battery, { make, button, dialog, confirmed, filledIn });
})();
