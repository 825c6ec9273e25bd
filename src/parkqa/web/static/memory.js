// The conversation outlives the page as long as its tab: kept in sessionStorage, never at a stand. It can be cleared,
// taken back for ten seconds, and saved as a file.
(() => {
  "use strict";
  const page = window.parkqaPage;
  const { byId, log, state } = page;
  const NAME = `parkqa:${page.root}:${page.mode}`;
  const MOST = 60, UNDO = 10_000;
  let cleared = null, timer = 0;

  // What was asked on this page, in cleared conversations too, so that it is not suggested again.
  const asked = new Set();

  // Storage is refused in some frames and windows, and is full at times: then nothing is kept, or less.
  function keep() {
    if (page.mode === "event") return;
    for (const question of state.past) asked.add(question);
    const turns = [...log().querySelectorAll(".pq-turn")].slice(-MOST).map((turn) => turn.outerHTML);
    for (; ; turns.splice(0, Math.ceil(turns.length / 2))) {
      try {
        if (!turns.length) return sessionStorage.removeItem(NAME);
        return sessionStorage.setItem(NAME, JSON.stringify({ turns, past: state.past, conversation: state.conversation }));
      } catch {
        if (!turns.length) return;
      }
    }
  }

  function kept() {
    if (page.mode === "event") return null;
    try {
      return JSON.parse(sessionStorage.getItem(NAME));
    } catch {
      return null;
    }
  }

  // What was answered is shown again, not asked again; a question that still waits for its answer is.
  function remember() {
    const found = kept();
    if (!found) return;
    const holder = document.createElement("template");
    holder.innerHTML = found.turns.join("");
    const turns = [...holder.content.children];
    page.restore({ ...found, turns, waiting: turns.filter((turn) => turn.matches(".pq-waiting")) });
  }

  function startAnew() {
    const had = page.clear();
    if (had.turns.length && page.mode !== "event") {
      cleared = had;
      byId("pq-undo").hidden = false;
      clearTimeout(timer);
      timer = setTimeout(forgetCleared, UNDO);
    }
    if (!page.touch()) page.box()?.focus();
  }

  function forgetCleared() {
    cleared = null;
    byId("pq-undo").hidden = true;
  }

  function undo() {
    const had = cleared;
    clearTimeout(timer);
    forgetCleared();
    if (had) page.restore(had);
    log().focus({ preventScroll: true });
  }

  // One HTML file that needs nothing else: the turns without their buttons, links made absolute, the page's colours.
  function save() {
    const copy = document.implementation.createHTMLDocument(document.title);
    copy.documentElement.lang = page.language();
    const charset = copy.createElement("meta");
    charset.setAttribute("charset", "utf-8");
    copy.head.prepend(charset);
    const style = copy.createElement("style");
    style.textContent = FILE_STYLE;
    const heading = copy.createElement("h1");
    heading.textContent = document.title;
    const from = copy.createElement("p");
    from.textContent = `${new Date().toLocaleString(page.language())} · ${location.origin}${location.pathname}`;
    copy.head.append(style);
    copy.body.append(heading, from, ...[...log().querySelectorAll(".pq-turn:not(.pq-waiting)")].map(bare));
    const file = new Blob(["<!doctype html>\n", copy.documentElement.outerHTML], { type: "text/html" });
    const link = Object.assign(document.createElement("a"), {
      href: URL.createObjectURL(file), download: `${page.say("saved")}-${new Date().toISOString().slice(0, 10)}.html`,
    });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), UNDO);
  }

  function bare(turn) {
    const copy = turn.cloneNode(true);
    copy.querySelectorAll(".pq-next, .pq-leave-message, .pq-judge, .pq-read [name], button, input, .pq-contact img").forEach((node) => node.remove());
    for (const link of copy.querySelectorAll("a[href]")) link.setAttribute("href", link.href);
    for (const folded of copy.querySelectorAll("details")) folded.open = true;
    return copy;
  }

  const FILE_STYLE = `body{font:16px/1.65 system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif;
max-width:760px;margin:32px auto;padding:0 20px;color:#13242b;overflow-wrap:anywhere}.pq-turn{margin:32px 0}
.pq-me{font-weight:700;font-size:19px;border-left:4px solid #0b6b76;padding-left:12px}
.pq-card{border:1px solid #cbd7da;border-radius:12px;padding:14px 20px;margin:12px 0}
blockquote{margin:0;white-space:pre-line}mark{background:#ffe9a8;color:inherit;border-bottom:2px solid #a37800}
footer,.pq-read,.pq-label,h3{color:#53666d;font-size:14px}footer>*{margin-right:14px}ul{padding-left:1.2em}
svg{width:1em;height:1em;fill:none;stroke:currentColor}.pq-sr,.pq-code{display:none}
html:lang(zh) .pq-t:lang(en),html:lang(en) .pq-t:lang(zh){display:none}`;

  // Paper has no folds: what is folded is printed too, and folded again.
  addEventListener("beforeprint", () => log().querySelectorAll("details:not([open])").forEach((folded) => { folded.open = true; folded.dataset.printed = ""; }));
  addEventListener("afterprint", () => log().querySelectorAll("details[data-printed]").forEach((folded) => { folded.open = false; delete folded.dataset.printed; }));

  Object.assign(page, { keep, remember, startAnew, undo, save, asked: () => [...asked] });
})();
