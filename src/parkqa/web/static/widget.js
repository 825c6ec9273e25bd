// The parkqa widget: a bubble and a panel on another site's page, in a shadow root with a constructed style sheet. Uses
// no inline style or script, no storage and no cookie, and leaves the page itself unchanged.
(() => {
  "use strict";
  const html = document.documentElement;
  const shared = window.parkqa && window.parkqa.widgets ? window.parkqa : (window.parkqa = makeShared());
  const script = ownScript();
  const base = new URL(".", script.src);
  const given = { ...script.dataset };
  const name = [given.lang, html.lang, ...navigator.languages, "en"].find((one) => /^(zh|en)\b/i.test(one));
  const english = /^en/i.test(name);
  const language = english ? "en" : /tw|hk|mo|hant/i.test(name) ? "zh-TW" : "zh";
  const say = (zh, en, tw) => (english ? en : language === "zh" ? zh : tw || zh);
  const title = given.title || say("园区问答", "Ask the park", "園區問答");
  const side = given.position === "left" ? "left" : "right";
  const phone = matchMedia("(max-width: 600px), (max-height: 480px)");
  const FAIL_AFTER_LOAD = 2500, FAIL_AFTER = 30000;

  // The same widget once more, as from a route of a single-page site or a line pasted twice, is the one that is there.
  const key = base + JSON.stringify(Object.entries(given).sort());
  const twin = shared.widgets.find((one) => one.key === key);
  if (twin) return twin.attach();
  const widget = { key, side, slot: freeSlot(), open, close, remove, attach };
  const asked = [];
  const blocked = [];
  let frame = null, ready = false, before = null, timer = 0;

  // State shared by all widgets on a page; may have been created by another version of this file.
  function makeShared() {
    const heard = {};
    const all = {
      widgets: [],
      open: (question) => all.widgets[0] && all.widgets[0].open(question),
      close: () => all.widgets.forEach((one) => one.close()),
      destroy() {
        [...all.widgets].forEach((one) => one.remove());
        delete window.parkqa;
      },
      on(event, fn) {
        (heard[event] ||= new Set()).add(fn);
        return () => heard[event].delete(fn);
      },
      // In a microtask, so that an exception in a listener is reported but does not interrupt the widget.
      tell: (event, detail) => (heard[event] || []).forEach((fn) => queueMicrotask(() => fn(detail))),
    };
    return all;
  }

  // A module has no currentScript: it is one that no widget was made of yet.
  function ownScript() {
    const claimed = (shared.scripts ||= new WeakSet());
    const own = document.currentScript
      || [...document.querySelectorAll('script[src*="/widget.js"]')].find((one) => !claimed.has(one));
    claimed.add(own);
    return own;
  }

  function freeSlot() {
    const taken = shared.widgets.filter((one) => one.side === side).map((one) => one.slot);
    let slot = 0;
    while (taken.includes(slot)) slot += 1;
    return slot;
  }

  function tell(event, detail) { shared.tell(event, { widget, ...detail }); }

  function make(tag, name, properties, ...inner) {
    const node = Object.assign(document.createElement(tag), { className: name }, properties);
    node.append(...inner);
    return node;
  }

  function drawn(name, line) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    const attributes = { class: name, viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false" };
    for (const [key, value] of Object.entries(attributes)) svg.setAttribute(key, value);
    path.setAttribute("d", line);
    svg.append(path);
    return svg;
  }

  const CROSS = "M6 6l12 12M18 6L6 18";
  const bubble = make("button", "bubble", { type: "button", title, ariaLabel: title, ariaExpanded: "false" },
    drawn("talk", "M4 5h16v11H11l-5 4v-4H4zM8 9h8M8 12h5"), drawn("cross", CROSS));
  const leave = make("button", "leave", { type: "button", ariaLabel: say("关闭", "Close", "關閉") }, drawn("", CROSS));
  const state = make("p", "state", { role: "status" });
  const cover = make("div", "cover", {}, make("div", "bar", {}, make("b", "", { textContent: title }), leave), state);
  const guards = [0, 1].map(() => make("span", "", { tabIndex: -1 }));
  const panel = make("div", "panel", { hidden: true, role: "dialog", ariaLabel: title, tabIndex: -1 },
    guards[0], cover, guards[1]);
  // A custom element name, so that the page's rules for div or section do not match.
  const host = document.createElement("parkqa-widget");
  const root = host.attachShadow({ mode: "open" });
  root.append(panel, bubble);
  host.lang = say("zh-CN", "en", "zh-TW");
  host.dir = "ltr";
  const colours = addStyles();

  // Rules of the page override :host unless these are !important.
  function addStyles() {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`
:host{all:initial!important;position:fixed!important;inset:auto!important;overflow:visible!important;
  display:block!important;z-index:var(--z)!important}
*{box-sizing:border-box}
.panel,.bubble,.test{font:16px/1.6 system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif}
button{font:inherit;cursor:pointer;border:0;padding:0;display:grid;place-items:center}
svg{width:26px;height:26px;fill:none;stroke:currentColor;stroke-width:2;stroke-linecap:round;stroke-linejoin:round}
.bubble{position:fixed;bottom:calc(24px + env(safe-area-inset-bottom));${side}:${24 + widget.slot * 72}px;width:56px;
  height:56px;border-radius:50%;background:var(--c,#0b6b76);color:var(--on,#fff);box-shadow:0 6px 20px #0005}
.cross,.open .talk{display:none}
.open .cross{display:block}
:focus-visible{outline:3px solid #fff;outline-offset:-5px;box-shadow:0 0 0 3px #1a1a1a}
.panel{position:fixed;bottom:96px;${side}:24px;width:400px;max-width:calc(100% - 48px);height:640px;
  max-height:calc(100vh/var(--k,1) - 120px);border-radius:18px;overflow:hidden;background:#fff;color:#13242b;
  box-shadow:0 18px 60px #0005;outline:0}
.panel[hidden],.cover[hidden]{display:none}
iframe{display:block;width:100%;height:100%;border:0}
.cover{position:absolute;inset:0;background:inherit;z-index:1}
.bar{display:flex;align-items:center;justify-content:space-between;height:48px;padding:0 6px 0 16px}
.leave{width:44px;height:44px;background:none;color:inherit}
.leave svg{width:20px;height:20px}
.state{margin:0;padding:20px 16px}
a{color:inherit}
.test{position:fixed;inset:12px auto auto 12px;max-width:min(560px,calc(100% - 24px));max-height:80vh;overflow:auto;
  padding:14px 18px;background:#fff;color:#13242b;border:2px solid #13242b;border-radius:12px}
.test ol{margin:8px 0 0;padding-left:1.4em}
.bad{color:#a3140a;font-weight:600}
@media (prefers-color-scheme:dark){.panel{background:#0e171a;color:#e7eff1}}
@media ${phone.media}{.panel{inset:0;width:100%;max-width:none;height:calc(100vh/var(--k,1));height:calc(100dvh/var(--k,1));max-height:none;border-radius:0}
  .bubble.open{visibility:hidden}}
@media (prefers-reduced-motion:no-preference){.panel{animation:rise .18s ease-out}
  @keyframes rise{from{opacity:0;transform:translateY(12px)}}}
@media print{:host{display:none!important}}`);
    const own = sheet.cssRules[0].style;
    if (given.color && CSS.supports("color", given.color)) own.setProperty("--c", given.color);
    root.adoptedStyleSheets = [sheet];
    return own;
  }

  // Closed, the button keeps to the page's order; open, nothing of the page lies above (this comes last of equals). A page
  // that is zoomed zooms the panel, which must fit all the same: vh are not zoomed.
  function raise(on) {
    const top = on ? "2147483647" : "2147483000";
    colours.setProperty("--z", /^-?\d+$/.test(given.z) ? given.z : top);
    colours.setProperty("--k", getComputedStyle(html).zoom || "1");
  }

  // Choose white or dark text on the colour, for a contrast of 4.5:1; return the tint for the frame.
  function tint() {
    const [, ...rgb] = /^rgb\((\d+), (\d+), (\d+)\)$/.exec(getComputedStyle(bubble).backgroundColor) || [];
    const light = [0.2126, 0.7152, 0.0722].reduce((sum, part, i) => sum + part * (rgb[i] / 255) ** 2.2, 0);
    colours.setProperty("--on", light > 0.183 ? "#111" : "#fff");
    return given.color ? rgb.join() : "";
  }

  function open(question) {
    if (!host.isConnected) { document.addEventListener("DOMContentLoaded", () => open(question), { once: true }); return; }
    for (const other of shared.widgets) {
      if (other !== widget && (phone.matches || other.side === side)) other.close();
    }
    if (typeof question === "string" && question.trim()) asked.push(question);
    if (panel.hidden) {
      toTopLayer();
      before = document.activeElement;
      show(true);
      tell("open");
    }
    if (!frame) load();
    if (ready) deliver();
    else panel.focus({ preventScroll: true });
  }

  function close() {
    if (panel.hidden) return;
    const inside = document.activeElement === host;
    show(false);
    // Restore the focus unless the visitor has moved it elsewhere.
    const old = before && before.isConnected && ![host, document.body].includes(before) ? before : bubble;
    if (inside) old.focus({ preventScroll: true });
    tell("close");
  }

  function show(on) {
    panel.hidden = !on;
    raise(on);
    bubble.classList.toggle("open", on);
    bubble.ariaExpanded = String(on);
    panel.ariaModal = String(phone.matches);
    // Full screen on a phone the panel traps the focus; on a desktop it does not.
    for (const guard of guards) guard.tabIndex = phone.matches ? 0 : -1;
  }

  function load() {
    const query = new URLSearchParams({ mode: "widget", lang: language, host: location.origin });
    if (tint()) query.set("tint", tint());
    clearTimeout(timer);
    state.textContent = say("正在打开…", "Opening…", "正在打開…");
    cover.hidden = false;
    frame = make("iframe", "", { title, allow: "clipboard-write", referrerPolicy: "no-referrer" });
    frame.src = `${base}chat/?${query}`;
    // A blocked frame fires load too, for the browser's error page, which then sends no message.
    frame.addEventListener("load", () => { if (!frame.hello) later(FAIL_AFTER_LOAD); });
    later(FAIL_AFTER);
    guards[1].before(frame);
  }

  function later(wait) {
    clearTimeout(timer);
    timer = setTimeout(fail, wait);
  }

  function fail() {
    frame.remove();
    frame = null;
    ready = false;
    const link = make("a", "", { href: `${base}chat/`, target: "_blank", rel: "noopener" },
      say("在新窗口打开", "Open it in a new window", "在新視窗打開"));
    cover.hidden = false;
    state.replaceChildren(say("在这里打不开。", "It could not be opened here. ", "在這裡打不開。"), link);
    if (!panel.hidden && [host, document.body].includes(document.activeElement)) leave.focus();
    tell("failed");
  }

  function send(kind, detail) { frame.contentWindow.postMessage({ parkqa: kind, ...detail }, base.origin); }

  function deliver() {
    for (const question of asked.splice(0)) send("ask", { question });
    if (!panel.hidden) enter();
  }

  function enter() {
    frame.focus({ preventScroll: true });
    send("focus");
  }

  function hear(event) {
    if (!frame || event.source !== frame.contentWindow || event.origin !== base.origin) return;
    const { parkqa: kind, ...detail } = Object(event.data);
    if (kind === "hello") { frame.hello = true; later(FAIL_AFTER); }
    else if (kind === "ready") {
      clearTimeout(timer);
      const mine = [host, document.body].includes(document.activeElement);
      ready = true;
      cover.hidden = true;
      for (const question of asked.splice(0)) send("ask", { question });
      if (mine && !panel.hidden) enter();
      tell("ready");
    } else if (kind === "close") close();
    else if (kind === "answer") tell("answer", { question: String(detail.question), refused: Boolean(detail.refused) });
  }

  function note(event) {
    if (event.blockedURI.startsWith(base.origin)) blocked.push(event.effectiveDirective);
  }

  function remove() {
    clearTimeout(timer);
    document.removeEventListener("DOMContentLoaded", attach);
    removeEventListener("message", hear);
    document.removeEventListener("securitypolicyviolation", note);
    if (shared.widgets.includes(widget)) shared.widgets.splice(shared.widgets.indexOf(widget), 1);
    host.remove();
  }

  // widget.js?selftest: shows the webmaster what on this page blocks the widget.
  async function selftest() {
    await new Promise((wake) => setTimeout(wake, 500));
    const rows = [];
    // What is so, and what is not so.
    const check = (good, zh, en, wrongZh, wrongEn) => rows.push({ ok: Boolean(good), text: good ? say(zh, en) : say(wrongZh, wrongEn) });
    const { left, top, width, height } = bubble.getBoundingClientRect();
    const over = document.elementFromPoint(left + width / 2, top + height / 2);
    const cover = over ? over.tagName.toLowerCase() + (over.id && `#${over.id}`) : say("窗口之外", "outside the window");
    const wrong = [
      given.color && !CSS.supports("color", given.color) && "data-color",
      given.position && !["left", "right"].includes(given.position) && "data-position",
      given.z && !/^-?\d+$/.test(given.z) && "data-z",
      given.lang && !/^(zh|en)\b/i.test(given.lang) && "data-lang",
    ].filter(Boolean);
    check(!wrong.length, "选项有效", "The options are valid", `选项写错了：${wrong.join(" ")}`, `Invalid options: ${wrong.join(" ")}`);
    check(over === host, "按钮没有被遮住", "Nothing covers the button", `按钮被 ${cover} 遮住`, `The button is covered by ${cover}`);
    check(location.protocol !== "https:" || base.protocol === "https:", "地址的 https 与网页相合", "The address suits the page",
      "https 的网页里，地址也要用 https", "In an https page the address has to be https, too");
    open();
    const stop = [];
    const came = await new Promise((done) => {
      stop.push(shared.on("ready", (it) => it.widget === widget && done(true)));
      stop.push(shared.on("failed", (it) => it.widget === widget && done(false)));
    });
    stop.forEach((off) => off());
    check(!blocked.length, "CSP 没有拦截", "The CSP blocks nothing", `CSP 拦截了：${blocked.join(" ")}`, `The CSP blocks: ${blocked.join(" ")}`);
    const allow = blocked.length ? "" : location.origin;
    check(came, "问答页能打开", "The chat page opens",
      `问答页打不开${allow && `：请在服务器的 PARKQA_EMBED_ORIGINS 里加上 ${allow}`}`,
      `The chat page does not open${allow && `: add ${allow} to PARKQA_EMBED_ORIGINS`}`);
    const list = make("ol", "", {}, ...rows.map((row) =>
      make("li", row.ok ? "" : "bad", {}, `${row.ok ? say("通过", "passed") : say("有问题", "problem")}：${row.text}`)));
    root.append(make("section", "test", { role: "status" }, make("b", "", { textContent: "parkqa selftest" }), list));
    tell("selftest", { rows });
  }

  function attach() {
    if (host.isConnected) return;
    // Outside the body: a transform on it would break fixed positioning, and some sites replace the body.
    html.append(host);
    raise();
    toTopLayer();
    tint();
    if (new URL(script.src).searchParams.has("selftest")) selftest();
  }

  // A transform on html itself breaks it too, except in the top layer, in which popovers are.
  function toTopLayer() {
    const style = getComputedStyle(html);
    const breaks = ["transform", "translate", "rotate", "scale", "perspective", "backdropFilter"].some((one) => (style[one] || "none") !== "none")
      || /paint|layout|strict|content/.test(style.contain) || /transform|perspective|filter/.test(style.willChange);
    if (!breaks || !host.showPopover || host.popover) return;
    host.popover = "manual";
    host.showPopover();
  }

  bubble.addEventListener("click", () => (panel.hidden ? open() : close()));
  leave.addEventListener("click", close);
  guards.forEach((guard) => guard.addEventListener("focus", () => (ready ? enter() : leave.focus())));
  root.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.isComposing || panel.hidden) return;
    event.stopPropagation();
    close();
  });
  addEventListener("message", hear);
  document.addEventListener("securitypolicyviolation", note);
  shared.widgets.push(widget);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", attach, { once: true });
  else attach();
})();
