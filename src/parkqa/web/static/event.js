// The chat page at a stand (?mode=event): shows sample questions while idle, resets after a visitor has left, recovers
// by itself after an outage or sleep, and has shortcut keys for the staff. All state is in memory only.
(() => {
  "use strict";
  if (new URLSearchParams(location.search).get("mode") !== "event") return;
  const { root, reset, standJs, standCss } = document.currentScript.dataset;
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

  // Two clocks: wall time advances while the machine sleeps; the monotonic clock is immune to clock changes.
  function now() { return [Date.now(), performance.now()]; }

  // Advances the timers, time asleep included; returns whether the visitor's time was up and the page was reset.
  function tick() {
    const [wall, steady] = now();
    const step = Math.max(wall - last[0], steady - last[1], 0);
    last = [wall, steady];
    // Waiting for an answer counts as activity, unless the machine was asleep.
    stand.quiet = (own.waits() && step < SOON) || stand.paused ? 0 : stand.quiet + step;
    stand.turn -= step;
    const over = stand.here && stand.quiet >= LIMIT;
    if (over) wipe();
    else if (!stand.here && stand.turn <= 0) turn();
    draw();
    return over;
  }

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
    for (const name of ["pq-keys", "pq-staff"]) if (byId(name).open) byId(name).close();
    own.forget();
    window.parkqaPage.forgetKeys?.();
    getSelection().removeAllRanges();
    document.activeElement?.blur();
    byId("pq-log").scrollTop = 0;
  }

  // While idle: show the next sample question with its answer; every fourth is in the other language.
  async function turn() {
    stand.turn = TURN;
    const number = stand.next++;
    const other = html.lang === "en" ? "zh-CN" : "en";
    const name = number % 4 === 3 ? `${other}/${(number - 3) / 4}` : `${html.lang}/${number - Math.floor(number / 4)}`;
    try {
      const answer = await fetch(`${root}/event/show/${name}`, { credentials: "same-origin", cache: "no-store", signal: AbortSignal.timeout(TURN) });
      const show = await answer.json();
      if (!answer.ok || !show.html) throw new Error("not ready");
      shows.set(name, show.html);
      stand.phone = show.phone;
    } catch {
      // The engine is loading or the server is unreachable: repeat an earlier sample.
      if (!shows.size) { stand.turn = AGAIN; stand.next = number; return; }
    }
    const others = [...shows.keys()].filter((one) => one !== stand.shown || shows.size === 1);
    if (!stand.here) {
      place(shows.has(name) ? name : others[number % others.length]);
      rotate();
    }
  }

  // There is not room for all suggestions at once: those that are not seen come next.
  function rotate() {
    for (const form of document.querySelectorAll("#pq-log .pq-hello .pq-next")) {
      const seen = [...form.querySelectorAll("button")].filter((button) => button.getClientRects().length);
      form.append(...seen);
    }
  }

  function place(name) {
    const hello = document.querySelector("#pq-log .pq-hello");
    if (!hello) return;
    stand.shown = name;
    const box = document.createElement("div");
    box.className = "pq-show";
    box.setAttribute("aria-live", "off");
    box.innerHTML = shows.get(name);
    // Where phones can ask themselves, a code leads them here instead of to one answer.
    const take = box.querySelector(".pq-take");
    if (stand.phone && take) take.outerHTML = stand.phone;
    hello.classList.toggle("pq-with-phone", Boolean(stand.phone));
    hello.querySelector(".pq-show")?.remove();
    hello.prepend(box);
  }

  function next() { if (stand.here) suggest(); else turn(); }

  function larger() { stand.size = (stand.size + 1) % SIZES.length; html.style.setProperty("--pq-scale", SIZES[stand.size]); }

  function pause() { stand.paused = !stand.paused; stand.quiet = 0; draw(); }

  // Shortcut keys for the staff, with Alt; staff.js has the same for fingers.
  const KEYS = { KeyN: next, KeyW: wipe, KeyL: larger, KeyP: pause };

  function suggest() {
    const buttons = [...document.querySelectorAll("#pq-log [data-ask]:not([data-literal])")].filter((button) => button.getClientRects().length);
    const latest = buttons.filter((button) => button.closest(".pq-turn:last-child, .pq-hello"));
    here();
    if (latest.length) own.ask(latest[stand.next++ % latest.length].dataset.ask, false);
  }

  function help() { const keys = byId("pq-keys"); if (keys.open) keys.close(); else keys.showModal(); }

  function staff(event) {
    const { target, key, code } = event;
    if (event.isComposing || event.keyCode === 229 || event.ctrlKey || event.metaKey || event.repeat) return false;
    const typing = target.closest?.("input, textarea, select, [contenteditable]");
    if (typing && key === "Escape") { typing.blur(); return false; }
    const run = typing ? null : event.altKey ? KEYS[code] : key === "?" || key === "？" ? help : null;
    if (!run) return false;
    event.preventDefault();
    event.stopImmediatePropagation();
    run();
    return true;
  }

  // Typing anywhere on the page goes into the question box, the first letter included.
  function catchLetter(event) {
    const plain = event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey;
    if (plain && document.activeElement === document.body) document.querySelector(BOX)?.focus();
  }

  function swallow(event) {
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  // If a touch finds the time already up, as on waking from sleep, the page is reset and the touch activates nothing.
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
  // Input without keys, by voice or handwriting; events dispatched by the reset itself are not trusted.
  addEventListener("input", (event) => { if (event.isTrusted) moved(); }, true);
  // Scrolling by the scroll bar or momentum; while idle, it is the page itself that scrolls.
  addEventListener("scroll", () => { if (stand.here) moved(); }, { capture: true, passive: true });
  addEventListener("click", (event) => {
    if (stand.swallow) { stand.swallow = false; return swallow(event); }
    if (event.target.closest("[data-full]")) fullScreen();
  }, true);
  for (const kind of ["visibilitychange", "pageshow"]) addEventListener(kind, () => { tick(); awake(); }, true);
  addEventListener("contextmenu", (event) => { if (event.pointerType === "touch") event.preventDefault(); });

  async function fullScreen() {
    try { await (document.fullscreenElement ? document.exitFullscreen() : html.requestFullscreen()); } catch { /* not permitted */ }
  }

  // Keep the screen on if the browser permits it.
  async function awake() {
    if (document.visibilityState !== "visible" || stand.lock?.released === false) return;
    try { stand.lock = await navigator.wakeLock?.request("screen"); } catch { /* not permitted */ }
  }

  // After an answer arrives, the full time is left to read it.
  for (const kind of ["show", "fail"]) window.parkqaPage[kind] = (content) => { stand.quiet = 0; own[kind](content); };
  // The keys on the page, and what staff do without a keyboard.
  function bring() {
    document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href: standCss }));
    document.head.append(Object.assign(document.createElement("script"), { src: standJs }));
  }

  window.parkqaStand = { wipe, next, larger, pause, full: fullScreen };
  html.classList.add("pq-idle");
  setInterval(tick, 250);
  bring();
  awake();
})();
