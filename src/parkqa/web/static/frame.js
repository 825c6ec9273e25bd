// The chat page inside a widget's frame (?mode=widget): exchanges messages with the embedding page only.
(() => {
  "use strict";
  const query = new URLSearchParams(location.search);
  if (query.get("mode") !== "widget") return;
  const own = { ...window.parkqaPage };
  const BOX = "#pq-box textarea, #pq-box input";
  const host = origin(query.get("host"));
  document.documentElement.classList.add("pq-widget");
  document.documentElement.classList.toggle("pq-framed", Boolean(host));
  tint(query.get("tint"));
  tell("hello");

  // The query names the embedding page's origin. It need not be trusted: frame-ancestors decides who may embed, and
  // postMessage delivers to the given origin only.
  function origin(name) {
    try { return parent !== window && new URL(name).origin === name ? name : ""; } catch { return ""; }
  }

  function tell(kind, detail) { if (host) parent.postMessage({ parkqa: kind, ...detail }, host); }

  // Apply the site's colour, with a text colour on it and link colours for light and dark derived from it: contrast 4.5:1 (WCAG AA).
  function tint(named) {
    if (!/^\d{1,3}(,\d{1,3}){2}$/.test(named || "")) return;
    const rgb = named.split(",").map(Number);
    const { style } = document.documentElement;
    style.setProperty("--pq-accent", `rgb(${rgb})`);
    style.setProperty("--pq-on-accent", light(rgb) > 0.183 ? "#111" : "#fff");
    style.setProperty("--pq-deep", shade(rgb, (now) => now > 0.15, 0));
    style.setProperty("--pq-pale", shade(rgb, (now) => now < 0.3, 255));
  }

  // The colour, moved toward black or white while its luminance is wrong, as colours.py has it for a park's own.
  function shade(rgb, wrong, toward) {
    let now = rgb;
    while (wrong(light(now))) now = now.map((part) => part + (toward - part) * 0.1);
    return `rgb(${now.map(Math.floor)})`;
  }

  // Relative luminance (WCAG) with a gamma of 2.2.
  function light(rgb) { return [0.2126, 0.7152, 0.0722].reduce((sum, part, i) => sum + part * (rgb[i] / 255) ** 2.2, 0); }

  // The widget holds its questions back until it is told "ready". The page can be asked before Gradio has come.
  tell("ready");
  window.parkqaPage.show = (html) => {
    const turn = own.turn();
    own.show(html);
    if (turn) tell("answer", { question: turn.querySelector(".pq-me").textContent, refused: !turn.querySelector(".pq-first") });
  };

  addEventListener("message", (event) => {
    if (!host || event.source !== parent || event.origin !== host) return;
    const { parkqa: kind, question } = Object(event.data);
    if (kind === "ask" && typeof question === "string") own.ask(question, false);
    else if (kind === "focus") focus();
  });

  // On touch devices focus the conversation: focusing the box would open a keyboard over the answer.
  function focus() {
    const finger = matchMedia("(pointer: coarse)").matches;
    const place = document.querySelector(finger ? "#pq-log" : BOX);
    if (place && document.activeElement === document.body) place.focus({ preventScroll: true });
  }

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-leave]")) tell("close");
  }, true);
  // In the capture phase, before an open panel is closed with the same key.
  addEventListener("keydown", (event) => {
    const panel = document.querySelector(".pq-source:not([hidden])");
    if (event.key === "Escape" && !event.isComposing && !panel) tell("close");
  }, true);
})();
