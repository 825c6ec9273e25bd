// The conversation: asking, waiting, showing answers. The server sends answers as escaped HTML; no script here builds
// HTML from text.
(() => {
  "use strict";
  const page = window.parkqaPage;
  const { byId, log, say, words } = page;
  const hello = log().querySelector(".pq-hello").cloneNode(true);
  const longest = Number(byId("pq-ask").dataset.longest);
  const SLOW = 4000, PATIENCE = 60_000, AGAIN = 1500, RARELY = 10_000;
  const MOST_WAITING = 5;
  // "turn" is being asked, with "asking" to stop it; those in "line" wait for it. "past" are the questions asked so far.
  const state = { asking: null, turn: null, line: [], past: [], conversation: token(), scrolled: false };

  // A random name for each conversation, by which the journal keeps its questions together.
  function token() { return Array.from(crypto.getRandomValues(new Uint32Array(3)), (part) => part.toString(16)).join(""); }

  // Poll until the engine is ready, showing its status, then add the suggested questions.
  async function prepare() {
    const starts = () => [log().querySelector(".pq-hello"), hello].filter(Boolean);
    if (!hello.querySelector(".pq-status")) return;
    let reply = { ready: false };
    while (!reply.ready) {
      let status = words("lost");
      try {
        reply = await (await fetch(`${page.root}/api/suggestions`, { credentials: "same-origin", cache: "no-store" })).json();
        status = reply.error ? page.sentences(reply.error) : words("preparing");
      } catch { /* server unreachable: poll again */ }
      if (reply.ready) break;
      if (byId("pq-status")) byId("pq-status").replaceChildren(...status);
      await new Promise((wake) => setTimeout(wake, 700));
    }
    for (const start of starts()) {
      start.querySelector(".pq-status").remove();
      for (const [place, questions] of [["zh", reply.suggestions], ["en", reply.suggestions_en]]) {
        for (const question of questions) {
          const button = Object.assign(document.createElement("button"), { name: "q", value: question, textContent: question });
          button.dataset.ask = question;
          start.querySelector(`.pq-suggest-${place}`).append(button);
        }
      }
    }
  }

  // The start of a conversation without what was asked in this tab, unless nothing else could be suggested.
  function start() {
    const made = hello.cloneNode(true);
    const asked = new Set(page.asked().map(bare));
    for (const form of made.querySelectorAll(".pq-next")) {
      const buttons = [...form.querySelectorAll("[data-ask]")];
      const other = buttons.filter((button) => !asked.has(bare(button.dataset.ask)));
      if (other.length) form.replaceChildren(form.querySelector("[name=lang]"), ...other);
    }
    return made;
  }

  // Without what may as well be left out: 园区是什么时候成立的？ is 园区什么时候成立？
  function bare(question) { return question.toLowerCase().replace(/[^\p{L}\p{N}]|[是的了吗嗎呢]/gu, ""); }

  function make(tag, name, ...inner) {
    const node = document.createElement(tag);
    node.className = name;
    node.append(...inner);
    return node;
  }

  function toTop(turn) {
    turn.scrollIntoView({ block: "start", behavior: page.calm() ? "auto" : "smooth" });
  }

  // Returns whether the question was accepted: it is asked now or, while another one is being answered, after that.
  function ask(text, literal) {
    const question = String(text || "").trim();
    if (!question || [...question].length > longest || state.line.length >= MOST_WAITING) return false;
    page.closeSource({ focus: false });
    const turn = make("div", "pq-turn pq-waiting", make("div", "pq-me", question), make("div", "pq-wait", ...words(state.asking ? "queued" : "looking")));
    if (literal) turn.dataset.literal = "1";
    log().querySelector(".pq-hello")?.remove();
    log().append(turn);
    state.scrolled = false;
    toTop(turn);
    wait(turn);
    if (page.touch()) document.activeElement?.blur?.();
    return true;
  }

  function wait(turn) {
    turn.classList.add("pq-waiting");
    state.line.push(turn);
    page.keep();
    next();
  }

  function next() {
    if (state.asking || !state.line.length) return;
    const turn = state.line.shift();
    status(turn, words("looking"));
    setTimeout(() => { if (state.turn === turn && !turn.dataset.told) status(turn, words("slow")); }, SLOW);
    send(turn);
  }

  function status(turn, nodes) { turn.querySelector(".pq-wait")?.replaceChildren(...nodes); }

  // The server keeps no conversation, so a request can safely be repeated as long as it takes: after a connection failure,
  // and after a 503 as its Retry-After says, for a server that starts again. At a stand nobody waits longer than PATIENCE.
  async function send(turn) {
    const mine = state.asking = new AbortController();
    state.turn = turn;
    delete turn.dataset.told;
    const body = JSON.stringify({
      question: turn.querySelector(".pq-me").textContent, literal: Boolean(turn.dataset.literal), history: state.past,
      conversation: state.conversation, mode: page.mode, language: page.language(),
    });
    const until = Date.now() + PATIENCE;
    for (let tries = 0; ; tries += 1) {
      const reply = await post(body, mine);
      if (state.asking !== mine) return;
      away(Boolean(reply.away));
      const patient = page.mode !== "event";
      if (!(reply.again > 0) || (!patient && Date.now() + reply.again > until)) return settle(reply);
      turn.dataset.told = "1";
      status(turn, words(reply.away ? (navigator.onLine ? "away" : "offline") : "kept"));
      await pause(reply.away ? Math.min(reply.again * 1.5 ** tries, RARELY) : reply.again);
      if (state.asking !== mine) return;
    }
  }

  // Wait a little, at random so that not all pages come back at once, and no longer than until the network is back.
  function pause(time) {
    return new Promise((wake) => {
      const done = () => { clearTimeout(timer); removeEventListener("online", done); wake(); };
      const timer = setTimeout(done, time * (1 + Math.random() / 2));
      addEventListener("online", done);
    });
  }

  // Returns the server's reply; "again" is the number of milliseconds after which to retry, or 0. An attempt is given up
  // when the device loses its network, and when nothing has come for PATIENCE.
  async function post(body, { signal }) {
    const attempt = new AbortController();
    const stop = () => attempt.abort();
    signal.addEventListener("abort", stop, { once: true });
    addEventListener("offline", stop);
    const timer = setTimeout(stop, PATIENCE);
    let status = 0;
    try {
      const answer = await fetch(`${page.root}/conversation/ask`, {
        method: "POST", credentials: "same-origin", headers: { "Content-Type": "application/json" }, body, signal: attempt.signal,
      });
      status = answer.status;
      const reply = await answer.json();
      return { ...reply, again: status === 503 ? 1000 * Number(answer.headers.get("Retry-After")) : 0 };
    } catch {
      // Nothing came, or a proxy's own page: of these only what says that the server is away is worth a retry.
      return status && status < 500 ? {} : { away: true, again: AGAIN };
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
      removeEventListener("offline", stop);
    }
  }

  function settle(reply) {
    away(false);
    if (reply.html) {
      // Not reply.history: a cleared conversation may have been taken back meanwhile.
      state.past = [...state.past, state.turn.querySelector(".pq-me").textContent].slice(-20);
      page.show(reply.html);
    } else page.fail(reply.error);
    Object.assign(state, { asking: null, turn: null });
    page.keep();
    next();
  }

  function away(is) { byId("pq-away").hidden = !is; }

  function show(html) {
    const { turn } = state;
    if (!turn) return;
    turn.classList.remove("pq-waiting");
    const made = document.createElement("template");
    made.innerHTML = html;
    // The question stays as it stands: put in anew, a screen reader would read it once more before the answer.
    made.content.querySelector(".pq-me")?.remove();
    for (const old of turn.querySelectorAll(":scope > :not(.pq-me)")) old.remove();
    turn.append(made.content);
    // Whoever has scrolled meanwhile, or has gone on to the next question, is reading something else.
    if (!state.scrolled && !turn.nextElementSibling) toTop(turn);
  }

  function fail(error) {
    const { turn } = state;
    if (!turn) return;
    turn.classList.remove("pq-waiting");
    const again = make("button", "pq-again", ...words("again"));
    again.type = "button";
    again.dataset.again = "";
    status(turn, [...page.sentences(error), " ", again]);
    if (!state.scrolled) turn.querySelector(".pq-wait").scrollIntoView({ block: "nearest" });
  }

  function again(turn) {
    if (state.line.length >= MOST_WAITING) return;
    status(turn, words(state.asking ? "queued" : "looking"));
    wait(turn);
  }

  // Remove the conversation from the page and return it, for putting it back.
  function clear() {
    const { past, conversation, turn, line } = state;
    state.asking?.abort();
    const turns = [...log().querySelectorAll(".pq-turn")];
    turns.forEach((one) => one.remove());
    Object.assign(state, { asking: null, turn: null, line: [], past: [], conversation: token() });
    away(false);
    log().querySelector(".pq-hello")?.remove();
    log().append(start());
    page.closeSource({ focus: false });
    page.keep();
    return { past, conversation, turns, waiting: [turn, ...line].filter(Boolean) };
  }

  // Put a conversation before what is there; its questions without an answer are asked again.
  function restore({ past, conversation, turns, waiting }) {
    if (!turns.length) return;
    log().querySelector(".pq-hello")?.remove();
    log().prepend(...turns);
    state.past = [...past, ...state.past].slice(-20);
    state.conversation = conversation;
    state.line.unshift(...waiting);
    for (const turn of waiting) status(turn, words("queued"));
    log().lastElementChild.scrollIntoView({ block: "start" });
    page.keep();
    next();
  }

  for (const kind of ["wheel", "touchmove"]) addEventListener(kind, () => { state.scrolled = true; }, { passive: true });
  addEventListener("pointerdown", (event) => { if (event.target === log()) state.scrolled = true; });
  addEventListener("keydown", (event) => {
    if (/^(Page|Home|End|Arrow)/.test(event.key) && !event.target.matches?.("input, textarea")) state.scrolled = true;
  });

  Object.assign(page, {
    ask, again, show, fail, clear, restore, longest, state,
    waits: () => Boolean(state.asking),
    turn: () => state.turn,
  });
  page.prepare = prepare;
})();
