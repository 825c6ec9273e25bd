// The chat page at a stand (?mode=event): shows questions while nobody is there, wipes when a visitor has left, goes on
// by itself after the server or the machine was away, and has keys for the staff. Keeps nothing but in this page.
(() => {
  "use strict";
  if (new URLSearchParams(location.search).get("mode") !== "event") return;
  const { root, reset } = document.currentScript.dataset;
  const html = document.documentElement;
  const own = { ...window.parkqaPage };
  const BOX = "#pq-box textarea, #pq-box input";
  const LIMIT = Number(reset) * 1000, SOON = 10_000, TURN = 14_000, AGAIN = 1500;
  const SIZES = [1, 1.2, 1.4];
  const stand = { here: false, paused: false, quiet: 0, turn: 0, next: 0, size: 0, swallow: false, lock: null };
  const shows = new Map();
  let last = now();
  html.classList.add("pq-event");
  const byId = (id) => document.getElementById(id);

  // Two clocks: the one of the wall goes on while the machine sleeps, the other cannot be set back.
  function now() { return [Date.now(), performance.now()]; }

  // Returns whether it has wiped: the visitor was gone for long enough, be it that the machine was asleep meanwhile.
  function tick() {
    const [wall, steady] = now();
    const step = Math.max(wall - last[0], steady - last[1], 0);
    last = [wall, steady];
    // Whoever waits for an answer is there, unless the machine has slept over it.
    stand.quiet = (own.waits() && step < SOON) || stand.paused ? 0 : stand.quiet + step;
    stand.turn -= step;
    const over = stand.here && stand.quiet >= LIMIT;
    if (over) wipe();
    else if (!stand.here && stand.turn <= 0) turn();
    draw();
    return over;
  }

  // Gradio draws the page some time after this script has come.
  function drawn() { return Boolean(byId("pq-keys") && document.querySelector(BOX) && byId("pq-send")); }

  function draw() {
    const count = byId("pq-count");
    if (!count) return;
    const left = LIMIT - stand.quiet;
    count.hidden = !stand.here || stand.paused;
    count.classList.toggle("pq-soon", left <= SOON);
    byId("pq-seconds").textContent = Math.max(Math.ceil(left / 1000), 0);
    byId("pq-paused").hidden = !stand.paused;
  }

  function here() {
    stand.here = true;
    stand.quiet = 0;
    html.classList.remove("pq-idle");
    draw();
  }

  function wipe() {
    Object.assign(stand, { here: false, quiet: 0, turn: 0 });
    html.classList.add("pq-idle");
    if (byId("pq-keys").open) byId("pq-keys").close();
    own.forget();
    getSelection().removeAllRanges();
    document.activeElement?.blur();
    byId("pq-log").scrollTop = 0;
  }

  // While nobody is there: the next question that has an answer, with the answer. Every fourth is English.
  async function turn() {
    if (!drawn()) { stand.turn = 0; return; }
    stand.turn = TURN;
    const number = stand.next++;
    const other = html.lang === "en" ? "zh" : "en";
    const name = number % 4 === 3 ? `${other}/${(number - 3) / 4}` : `${html.lang.slice(0, 2)}/${number - Math.floor(number / 4)}`;
    try {
      const answer = await fetch(`${root}/event/show/${name}`, { credentials: "same-origin", cache: "no-store", signal: AbortSignal.timeout(TURN) });
      const show = await answer.json();
      if (!answer.ok || !show.html) throw new Error("not ready");
      shows.set(name, show.html);
    } catch {
      // The engine still loads, or the server is away: what was shown before is shown again.
      if (!shows.size) { stand.turn = AGAIN; stand.next = number; return; }
    }
    const known = [...shows.keys()].filter((one) => one !== stand.shown || shows.size === 1);
    if (!stand.here) place(shows.has(name) ? name : known[number % known.length]);
  }

  function place(name) {
    const hello = document.querySelector("#pq-log .pq-hello");
    if (!hello) return;
    stand.shown = name;
    const box = document.createElement("div");
    box.className = "pq-show";
    box.setAttribute("aria-live", "off");
    box.innerHTML = shows.get(name);
    hello.querySelector(".pq-show")?.remove();
    hello.prepend(box);
  }

  // For the staff.
  const KEYS = {
    KeyN: () => { if (stand.here) suggest(); else turn(); },
    KeyW: wipe,
    KeyL: () => { stand.size = (stand.size + 1) % SIZES.length; html.style.setProperty("--pq-scale", SIZES[stand.size]); },
    KeyP: () => { stand.paused = !stand.paused; stand.quiet = 0; draw(); },
  };

  function suggest() {
    const buttons = [...document.querySelectorAll("#pq-log [data-ask]:not([data-literal])")].filter((button) => button.getClientRects().length);
    const latest = buttons.filter((button) => button.closest(".pq-turn:last-child, .pq-hello"));
    here();
    if (latest.length) own.ask(latest[stand.next++ % latest.length].dataset.ask, false);
  }

  function help() { const keys = byId("pq-keys"); if (keys.open) keys.close(); else keys.showModal(); }

  function staff(event) {
    const { target, key, code } = event;
    if (!drawn() || event.isComposing || event.keyCode === 229 || event.ctrlKey || event.metaKey || event.repeat) return false;
    const typing = target.closest?.("input, textarea, select, [contenteditable]");
    if (typing && key === "Escape") { typing.blur(); return false; }
    const run = typing ? null : event.altKey ? KEYS[code] : key === "?" || key === "？" ? help : null;
    if (!run) return false;
    event.preventDefault();
    event.stopImmediatePropagation();
    run();
    return true;
  }

  // The first letter of somebody who has not touched the box goes into it all the same.
  function catchLetter(event) {
    const plain = event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey;
    if (plain && document.activeElement === document.body) document.querySelector(BOX)?.focus();
  }

  function swallow(event) {
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  // A touch that comes after the time was up, as of a machine that wakes, finds the page wiped and presses nothing on it.
  function touched(event) {
    stand.swallow = tick();
    if (stand.swallow) swallow(event);
    here();
  }

  function moved() { tick(); here(); }

  function pressed(event) {
    tick();
    if (["Alt", "Control", "Meta", "Shift", "F11"].includes(event.key) || staff(event)) return;
    here();
    catchLetter(event);
  }

  addEventListener("pointerdown", touched, true);
  addEventListener("keydown", pressed, true);
  for (const kind of ["touchmove", "wheel", "compositionstart", "compositionupdate"]) addEventListener(kind, moved, { capture: true, passive: true });
  // Text that comes without a key, by voice or handwriting; not what a wipe puts into the box itself.
  addEventListener("input", (event) => { if (event.isTrusted) moved(); }, true);
  // By its bar or a fling; while nobody is there, the page itself has scrolled.
  addEventListener("scroll", () => { if (stand.here) moved(); }, { capture: true, passive: true });
  addEventListener("click", (event) => {
    if (stand.swallow) { stand.swallow = false; return swallow(event); }
    if (event.target.closest("[data-full]")) fullScreen();
  }, true);
  for (const kind of ["visibilitychange", "pageshow"]) addEventListener(kind, () => { tick(); awake(); }, true);
  addEventListener("contextmenu", (event) => { if (event.pointerType === "touch") event.preventDefault(); });

  async function fullScreen() {
    try { await (document.fullscreenElement ? document.exitFullscreen() : html.requestFullscreen()); } catch { /* not allowed here */ }
  }

  // Where the browser lets it, the screen stays on.
  async function awake() {
    if (document.visibilityState !== "visible" || stand.lock?.released === false) return;
    try { stand.lock = await navigator.wakeLock?.request("screen"); } catch { /* it may not */ }
  }

  // Whoever has waited for an answer has its whole time to read it.
  for (const kind of ["show", "fail"]) window.parkqaPage[kind] = (told) => { stand.quiet = 0; own[kind](told); };
  html.classList.add("pq-idle");
  setInterval(tick, 250);
  awake();
})();
