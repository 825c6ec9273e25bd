// The chat page inside a widget's frame (?mode=widget): talks to the page that holds it, and to no other.
(() => {
  "use strict";
  const query = new URLSearchParams(location.search);
  if (query.get("mode") !== "widget") return;
  const own = { ...window.parkqaPage };
  const BOX = "#pq-box textarea, #pq-box input";
  const waiting = [];
  const host = origin(query.get("host"));
  document.documentElement.classList.add("pq-widget");
  document.documentElement.classList.toggle("pq-framed", Boolean(host));
  tint(query.get("tint"));
  tell("hello");

  // The address names the page that holds this one; whether it may is frame-ancestors' to say, and a message that is
  // sent to a named origin reaches no other.
  function origin(name) {
    try { return parent !== window && new URL(name).origin === name ? name : ""; } catch { return ""; }
  }

  function tell(kind, detail) { if (host) parent.postMessage({ parkqa: kind, ...detail }, host); }

  // The site's colour, and words on it and in it that stay readable: 4.5 to 1.
  function tint(named) {
    if (!/^\d{1,3}(,\d{1,3}){2}$/.test(named || "")) return;
    let rgb = named.split(",").map(Number);
    const { style } = document.documentElement;
    style.setProperty("--pq-accent", `rgb(${rgb})`);
    style.setProperty("--pq-on-accent", light(rgb) > 0.183 ? "#111" : "#fff");
    while (light(rgb) > 0.15) rgb = rgb.map((part) => Math.floor(part * 0.9));
    style.setProperty("--pq-link", `rgb(${rgb})`);
  }

  function light(rgb) { return [0.2126, 0.7152, 0.0722].reduce((sum, part, i) => sum + part * (rgb[i] / 255) ** 2.2, 0); }

  function ask(question) {
    if (document.querySelector(".pq-waiting")) waiting.push(question);
    else own.ask(question, false);
  }

  function next() { if (waiting.length) ask(waiting.shift()); }

  // Gradio draws the box to ask in some time after the rest.
  function settle() {
    const box = document.querySelector(BOX);
    if (box && !box.disabled && box.getClientRects().length) tell("ready");
    else setTimeout(settle, 50);
  }

  // What is asked before the page is drawn waits for that.
  settle();
  window.parkqaPage.show = (html) => {
    const turn = document.querySelector(".pq-waiting");
    own.show(html);
    if (turn) tell("answer", { question: turn.querySelector(".pq-me").textContent, refused: !turn.querySelector(".pq-first") });
    next();
  };
  window.parkqaPage.fail = (error) => { own.fail(error); next(); };

  addEventListener("message", (event) => {
    if (!host || event.source !== parent || event.origin !== host) return;
    const { parkqa: kind, question } = Object(event.data);
    if (kind === "ask" && typeof question === "string") ask(question);
    else if (kind === "focus") focus();
  });

  // A finger means a keyboard that would cover the answer: there the conversation takes the focus.
  function focus() {
    const finger = matchMedia("(pointer: coarse)").matches;
    const place = document.querySelector(finger ? "#pq-log" : BOX);
    if (place && document.activeElement === document.body) place.focus({ preventScroll: true });
  }

  document.addEventListener("click", (event) => { if (event.target.closest("[data-leave]")) tell("close"); });
  // Before chat.js, which closes an open source with the same key.
  addEventListener("keydown", (event) => {
    const source = document.getElementById("pq-source");
    if (event.key === "Escape" && !event.isComposing && (!source || source.hidden)) tell("close");
  }, true);
})();
