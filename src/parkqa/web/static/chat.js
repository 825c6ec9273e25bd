// Behaviour of the chat page: asking, showing answers, feedback, the source panel, copying.
// The server sends answers and documents as escaped HTML; this script never builds HTML from text.
(() => {
  "use strict";
  const byId = (id) => document.getElementById(id);
  const root = document.currentScript.dataset.root;
  const page = { asking: null, past: [], queued: null, hello: null, conversation: token() };
  const SLOW = 4000, PATIENCE = 60_000, AGAIN = 1500;
  const BOX = "#pq-box textarea, #pq-box input";
  // [Chinese, English]; <html lang> selects which one is shown.
  const WORDS = {
    looking: ["正在查找原文…", "Looking it up…"],
    slow: ["还在查找，人多时会慢一些，请稍候…", "Still looking: it takes longer when many are asking…"],
    lost: ["没有连上，请再试一次。", "The connection failed; please try again."],
    away: ["网络断开了，正在重新连接…", "The connection is lost; trying again…"],
    copied: ["已复制引文和出处", "Quote and source copied"],
    preparing: ["正在准备…", "Getting ready…"],
    box: ["请输入问题，中英文都可以", "Ask in English or Chinese"],
    send: ["发送", "Send"],
    thanks: ["谢谢，已记下", "Thank you, noted"],
    why: ["哪里不对？（可不填）", "What is wrong? (optional)"],
  };
  const preferred = [new URLSearchParams(location.search).get("lang"), ...navigator.languages];
  const initial = /^zh\b/i.test(preferred.find((name) => /^(zh|en)\b/i.test(name)) || "zh") ? "zh-CN" : "en";
  let current = initial;
  setLanguage(initial);

  function english() { return current === "en"; }

  // A new random token for each conversation; stored nowhere in the browser.
  function token() { return Array.from(crypto.getRandomValues(new Uint32Array(3)), (part) => part.toString(16)).join(""); }

  function say(key) { return WORDS[key][english() ? 1 : 0]; }

  function setLanguage(language) {
    current = document.documentElement.lang = language;
    const box = document.querySelector(BOX);
    if (box) { box.placeholder = say("box"); box.setAttribute("aria-label", say("box")); }
    if (byId("pq-send")) byId("pq-send").textContent = say("send");
  }

  // Poll until the engine is ready, showing its status, then add the suggested questions.
  async function prepare() {
    let reply = { ready: false };
    while (!reply.ready) {
      let status = say("lost");
      try {
        reply = await (await fetch(`${root}/api/suggestions`, { credentials: "same-origin", cache: "no-store" })).json();
        status = reply.error || say("preparing");
      } catch { /* server unreachable: poll again */ }
      if (reply.ready) break;
      if (byId("pq-status")) byId("pq-status").textContent = status;
      await new Promise((wake) => setTimeout(wake, 700));
    }
    for (const hello of [log().querySelector(".pq-hello"), page.hello]) {
      if (!hello) continue;
      hello.querySelector(".pq-status").remove();
      for (const [place, questions] of [["zh", reply.suggestions], ["en", reply.suggestions_en]]) {
        for (const question of questions) {
          const button = document.createElement("button");
          button.type = "button";
          button.dataset.ask = question;
          button.textContent = question;
          hello.querySelector(`.pq-suggest-${place}`).append(button);
        }
      }
    }
  }

  function log() { return byId("pq-log"); }

  function add(node) {
    const hello = log().querySelector(".pq-hello");
    if (hello) hello.remove();
    log().append(node);
    node.scrollIntoView({ block: "start", behavior: calm() ? "auto" : "smooth" });
  }

  function calm() { return matchMedia("(prefers-reduced-motion: reduce)").matches; }

  // Returns whether the question was accepted.
  function ask(text, literal) {
    const question = String(text || "").trim();
    if (!question || page.asking) return false;
    if (!page.hello) {
      if (page.queued) return false;
      page.queued = [question, literal];
      return true;
    }
    const turn = document.createElement("div");
    turn.className = "pq-turn pq-waiting";
    const mine = document.createElement("div");
    mine.className = "pq-me";
    mine.textContent = question;
    const wait = document.createElement("div");
    wait.className = "pq-wait";
    wait.textContent = say("looking");
    turn.append(mine, wait);
    add(turn);
    setTimeout(() => { if (turn.matches(".pq-waiting") && wait.textContent === say("looking")) wait.textContent = say("slow"); }, SLOW);
    send({ question, literal: Boolean(literal), history: page.past, conversation: page.conversation, mode: new URLSearchParams(location.search).get("mode") });
    return true;
  }

  // The server keeps no conversation state, so a request can safely be repeated: after a connection failure, and after
  // a 503, as its Retry-After says.
  async function send(message) {
    const mine = page.asking = new AbortController();
    const body = JSON.stringify(message);
    const until = Date.now() + PATIENCE;
    for (;;) {
      const reply = await post(body, mine, until);
      if (page.asking !== mine) return;
      away(Boolean(reply.away));
      if (!(reply.again > 0) || Date.now() + reply.again > until) return settle(reply);
      const wait = log().querySelector(".pq-waiting .pq-wait");
      if (wait) wait.textContent = reply.away ? say("away") : localised(reply.error);
      await new Promise((wake) => setTimeout(wake, reply.again * (1 + Math.random() / 2)));
      if (page.asking !== mine) return;
    }
  }

  // Returns the server's reply; "again" is the number of milliseconds after which to retry, or 0. A connection on which
  // nothing comes is given up at "until": without a limit the stand would keep a visitor's question on its screen.
  async function post(body, { signal }, until) {
    const attempt = new AbortController();
    const stop = () => attempt.abort();
    signal.addEventListener("abort", stop, { once: true });
    const timer = setTimeout(stop, Math.max(until - Date.now(), 0));
    let status = 0;
    try {
      const answer = await fetch(`${root}/conversation/ask`, {
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
    }
  }

  function settle(reply) {
    page.asking = null;
    away(false);
    if (!reply.html) return window.parkqaPage.fail(reply.error);
    page.past = reply.history;
    window.parkqaPage.show(reply.html);
  }

  function away(is) { if (byId("pq-away")) byId("pq-away").hidden = !is; }

  // Errors from the server consist of a Chinese and an English sentence.
  function localised(error) {
    const sentences = typeof error === "string" ? error.split(" / ") : [];
    return sentences[english() ? 1 : 0] || sentences[0] || say("lost");
  }

  function show(html) {
    const turn = log().querySelector(".pq-waiting");
    if (!turn) return;
    turn.classList.remove("pq-waiting");
    const mine = turn.querySelector(".pq-me");
    turn.innerHTML = html;
    if (!turn.querySelector(".pq-me")) turn.prepend(mine);
    turn.scrollIntoView({ block: "start", behavior: calm() ? "auto" : "smooth" });
  }

  function fail(error) {
    const wait = log().querySelector(".pq-waiting .pq-wait");
    if (!wait) return;
    wait.textContent = localised(error);
    wait.closest(".pq-turn").classList.remove("pq-waiting");
  }

  async function openSource(link) {
    const panel = byId("pq-source");
    const { conversation } = page;
    const [path, anchor] = link.split("#");
    let html;
    try {
      const answer = await fetch(`${path}&part=article`, { credentials: "same-origin" });
      html = await answer.text();
    } catch {
      return toast(say("lost"));
    }
    // Meanwhile the conversation may have been wiped: the next visitor sees nothing of it.
    if (page.conversation !== conversation) return;
    byId("pq-source-body").innerHTML = html;
    if (panel.hidden) history.pushState({ parkqaSource: true }, "");
    panel.hidden = false;
    document.body.classList.add("pq-with-source");
    const mark = panel.querySelector(`#${anchor || "quote"}`);
    if (mark) mark.scrollIntoView({ block: "center" });
    panel.querySelector("[data-close]").focus({ preventScroll: true });
  }

  function closeSource() {
    byId("pq-source").hidden = true;
    document.body.classList.remove("pq-with-source");
  }

  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // The clipboard API needs https; execCommand works without it.
      const area = document.createElement("textarea");
      area.value = text;
      area.className = "pq-offscreen";
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    toast(say("copied"));
  }

  function toast(text) {
    const line = byId("pq-toast");
    line.textContent = text;
    line.classList.add("pq-on");
    clearTimeout(toast.timer);
    toast.timer = setTimeout(() => line.classList.remove("pq-on"), 2200);
  }

  // Used at a stand: remove everything that the next visitor must not see.
  function forget() {
    page.queued = null;
    clear();
    byId("pq-source-body").replaceChildren();
    byId("pq-toast").textContent = "";
    byId("pq-toast").classList.remove("pq-on");
    const box = document.querySelector(BOX);
    if (box) { box.value = ""; box.dispatchEvent(new Event("input", { bubbles: true })); }
    setLanguage(initial);
  }

  function restart() {
    clear();
    const box = document.querySelector(BOX);
    if (box) box.focus();
  }

  function clear() {
    page.asking?.abort();
    Object.assign(page, { asking: null, past: [], conversation: token() });
    away(false);
    log().querySelectorAll(".pq-turn").forEach((turn) => turn.remove());
    if (page.hello) log().append(page.hello.cloneNode(true));
    closeSource();
  }

  async function judge(box, liked, reason) {
    try {
      const answer = await fetch(`${root}/api/feedback`, {
        method: "POST", credentials: "same-origin", headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ answer_id: box.dataset.answer, liked, reason }),
      });
      if (!answer.ok) throw new Error(answer.status);
    } catch {
      return toast(say("lost"));
    }
    for (const button of box.querySelectorAll("[data-judge]")) button.setAttribute("aria-pressed", (button.dataset.judge === "1") === liked);
    const why = box.querySelector(".pq-why");
    why.hidden = liked || Boolean(reason);
    if (!why.hidden) { const input = why.querySelector("input"); input.placeholder = say("why"); input.focus(); }
    if (why.hidden) toast(say("thanks"));
  }

  function sendReason(box) {
    const reason = box.querySelector("input").value.trim();
    if (reason) judge(box, false, reason);
  }

  document.addEventListener("click", (event) => {
    const hit = event.target.closest("[data-ask],[data-source],[data-copy],[data-close],[data-switch],[data-new],[data-judge],[data-reason]");
    if (!hit || !hit.closest("#pq-shell")) return;
    if (hit.dataset.ask) ask(hit.dataset.ask, hit.dataset.literal);
    else if (hit.dataset.judge) { if (hit.getAttribute("aria-pressed") !== "true") judge(hit.closest(".pq-judge"), hit.dataset.judge === "1", ""); }
    else if (hit.dataset.reason !== undefined) sendReason(hit.closest(".pq-judge"));
    else if (hit.dataset.copy) copy(`${hit.dataset.copy}\n${new URL(hit.dataset.link, location.href)}`);
    else if (hit.dataset.source) { event.preventDefault(); openSource(hit.dataset.source); }
    else if (hit.dataset.close !== undefined) history.state && history.state.parkqaSource ? history.back() : closeSource();
    else if (hit.dataset.switch !== undefined) setLanguage(english() ? "zh-CN" : "en");
    else restart();
  });

  addEventListener("popstate", () => { if (byId("pq-source")) closeSource(); });
  addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches?.(".pq-why input")) sendReason(event.target.closest(".pq-judge"));
    if (event.key === "Escape" && byId("pq-source") && !byId("pq-source").hidden) byId("pq-source").querySelector("[data-close]").click();
  });
  // Gradio's textbox submits on Enter even during IME composition.
  for (const kind of ["keydown", "keypress", "keyup"]) {
    addEventListener(kind, (event) => {
      if (event.key === "Enter" && (event.isComposing || event.keyCode === 229)) event.stopImmediatePropagation();
    }, true);
  }

  new MutationObserver((_, watcher) => {
    const hello = document.querySelector("#pq-log .pq-hello");
    if (!hello) return;
    if (!document.querySelector(BOX) || !byId("pq-send")) return;
    watcher.disconnect();
    page.hello = hello.cloneNode(true);
    setLanguage(current);
    prepare();
    if (page.queued) { const [question, literal] = page.queued; page.queued = null; window.parkqaPage.ask(question, literal); }
  }).observe(document.documentElement, { childList: true, subtree: true });

  // Gradio sets <html lang> to the browser's language when it starts: set it back.
  new MutationObserver(() => {
    if (document.documentElement.lang !== current) document.documentElement.lang = current;
  }).observe(document.documentElement, { attributeFilter: ["lang"] });

  window.parkqaPage = { ask, show, fail, forget, waits: () => Boolean(page.asking) };
})();
