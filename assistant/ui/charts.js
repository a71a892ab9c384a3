// Opens a chart larger: the same figure over the same window in a dialog, Escape closes it.
document.addEventListener("click", (event) => {
  const pressed = event.target.closest?.(".enlarge");
  if (!pressed) return;
  // The chart is the first one behind its title.
  const figures = [...document.querySelectorAll("#conversation .js-plotly-plot, .board .js-plotly-plot")];
  const figure = figures.find((one) => pressed.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING);
  if (!figure || !window.Plotly) return;
  const title = pressed.closest(".chart-title");
  const opened = battery.dialog("wide", title.querySelector("b").textContent);
  const note = title.querySelector("span:not(.unit)").textContent;
  const place = battery.make("div", "large-chart");
  const close = battery.button("quiet close", batteryWords.close, () => opened.close());
  if (note) opened.append(battery.make("p", "", note));
  opened.append(place, close);
  opened.showModal();
  close.focus();
  const layout = structuredClone(figure.layout);
  Object.assign(layout, { autosize: true, height: undefined, width: undefined, dragmode: "zoom" });
  // Plotly leaves room for its markers, less in a larger chart; the ends are to be those of the small one.
  layout.xaxis.autorange = false;
  window.Plotly.newPlot(place, figure.data, layout, { displayModeBar: false, responsive: true });
  opened.addEventListener("close", () => window.Plotly.purge(place));
});
