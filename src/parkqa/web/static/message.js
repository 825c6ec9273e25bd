// Leaving a message for the park's office, in a panel beside the conversation. The form and what became of it come from
// the server, as on the page that works without scripts. What was written is in the panel alone, and gone when it closes.
(() => {
  "use strict";
  const page = window.parkqaPage;
  const { byId } = page;
  const panel = byId("pq-message"), body = byId("pq-message-body");
  if (!panel) return;
  const path = `${page.root}/message`;
  let opener = null, visit = 0, sending = false;

  async function open(question, from) {
    const mine = ++visit;
    const asked = new URLSearchParams({ part: "form", lang: page.language(), mode: page.mode, q: question });
    const form = await fetched(`${path}?${asked}`);
    // Meanwhile the stand may have been wiped: the next visitor sees nothing of it.
    if (mine !== visit) return;
    if (form === null) return page.toast(page.say("lost"));
    page.closeSource({ focus: false });
    body.innerHTML = form;
    if (panel.hidden) history.pushState({ parkqaMessage: true }, "");
    panel.hidden = false;
    panel.scrollTop = 0;
    opener = from;
    document.body.classList.add("pq-with-source");
    // On touch devices a focused field would open a keyboard over the form.
    const first = body.querySelector(question ? "[name=name]" : "[name=question]");
    (page.touch() ? panel.querySelector("[data-put-away]") : first).focus({ preventScroll: true });
  }

  async function fetched(url, options = {}) {
    try {
      const answer = await fetch(url, { credentials: "same-origin", cache: "no-store", ...options });
      const text = await answer.text();
      return answer.headers.get("Content-Type").startsWith("text/html") ? text : null;
    } catch {
      return null;
    }
  }

  async function send(form) {
    if (sending || !form.reportValidity()) return;
    const mine = visit;
    sending = true;
    const written = new URLSearchParams(new FormData(form));
    written.set("part", "form");
    const html = await fetched(path, { method: "POST", body: written });
    sending = false;
    if (mine !== visit) return;
    // Nothing has come back: the form stays as it is, and sent again it is still one message.
    if (html === null) return page.toast(page.say("lost"));
    page.forgetField?.();
    body.innerHTML = html;
    panel.scrollTop = 0;
    panel.querySelector("[data-put-away]").focus({ preventScroll: true });
  }

  function close({ focus = true } = {}) {
    visit += 1;
    body.replaceChildren();
    if (panel.hidden) return;
    page.forgetField?.();
    panel.hidden = true;
    document.body.classList.remove("pq-with-source");
    if (history.state?.parkqaMessage) history.replaceState(null, "");
    if (focus) (opener?.isConnected ? opener : page.log()).focus({ preventScroll: true });
    opener = null;
  }

  function away() { if (history.state?.parkqaMessage) history.back(); else close(); }

  document.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    const link = event.target.closest("#pq-shell [data-message]");
    if (link) { event.preventDefault(); open(link.dataset.message, link); }
    if (event.target.closest("#pq-shell [data-put-away]")) away();
  });
  panel.addEventListener("submit", (event) => { event.preventDefault(); send(event.target); });
  addEventListener("popstate", () => close());
  addEventListener("keydown", (event) => { if (event.key === "Escape" && !event.isComposing && !panel.hidden) away(); });

  // A new conversation, and the stand's next visitor, find nothing of it; nor does a source that opens in its place.
  const { clear, openSource } = page;
  page.clear = () => { close({ focus: false }); return clear(); };
  page.openSource = (...given) => { close({ focus: false }); return openSource(...given); };
})();
