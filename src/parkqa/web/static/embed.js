// The page on which webmasters configure the widget: turns the options into the line to copy and a live preview.
(() => {
  "use strict";
  const byId = (id) => document.getElementById(id);
  const { address, origin, root, colour } = byId("embed").dataset;
  const form = byId("options");
  const allowed = [...byId("origins").children].map((item) => item.textContent);
  const DEFAULTS = { lang: "", position: "right", color: "#0b6b76", title: "", z: "" };
  const say = (zh, en) => (document.documentElement.lang === "en" ? en : zh);
  let timer = 0;

  function escaped(text) { return text.replace(/&/g, "&amp;").replace(/"/g, "&quot;").replace(/</g, "&lt;"); }

  // The valid options that differ from the widget's defaults.
  function options() {
    const entries = Object.keys(DEFAULTS).map((key) => [key, form.elements[key].value.trim()]);
    return entries.filter(([key, value]) => value && value !== DEFAULTS[key] && form.elements[key].validity.valid);
  }

  function site() {
    try { return new URL(form.elements.site.value).origin; } catch { return ""; }
  }

  function write() {
    const attributes = options().map(([key, value]) => ` data-${key}="${escaped(value)}"`).join("");
    byId("line").textContent = `<script src="${escaped(address)}/widget.js"${attributes} async></` + "script>";
    const names = [...new Set([...allowed, site() || (allowed.length ? "" : "https://www.example.cn")])].filter(Boolean);
    byId("setting").textContent = `PARKQA_EMBED_ORIGINS=${names.join(",")}`;
    byId("policy").textContent = `Content-Security-Policy: script-src 'self' ${origin}; frame-src 'self' ${origin}`;
    byId("allowed").textContent = !site() ? "" : allowed.includes(site())
      ? say(`（${site()} 已允许）`, `(${site()} is allowed)`)
      : say(`（${site()} 还没有允许）`, `(${site()} is not allowed yet)`);
  }

  function renew() {
    const widgets = window.parkqa ? [...window.parkqa.widgets] : [];
    for (const widget of widgets) widget.remove();
    const script = document.createElement("script");
    script.src = `${root}/widget.js`;
    for (const [key, value] of options()) script.dataset[key] = value;
    script.addEventListener("load", () => script.remove());
    document.body.append(script);
  }

  async function copy() {
    try {
      await navigator.clipboard.writeText(byId("line").textContent);
      byId("copied").textContent = say("已复制", "Copied");
    } catch {
      // The clipboard API needs https: without it select the line, ready for Ctrl+C.
      getSelection().selectAllChildren(byId("line"));
      byId("copied").textContent = say("已选中，请按 Ctrl+C", "Selected: press Ctrl+C");
    }
  }

  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", () => {
    write();
    clearTimeout(timer);
    timer = setTimeout(renew, 250);
  });
  byId("copy").addEventListener("click", copy);
  form.elements.color.value = colour;
  write();
  renew();
})();
