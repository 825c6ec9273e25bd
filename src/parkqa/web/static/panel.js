// What stands beside the conversation: the source panel, copying, feedback, notices; and what a click does.
(() => {
  "use strict";
  const page = window.parkqaPage;
  const { byId, say } = page;
  let opener = null;

  async function openSource(link, from) {
    const { conversation } = page.state;
    const [path, anchor] = link.split("#");
    let html;
    try {
      const answer = await fetch(`${path}&part=article&lang=${page.language()}`, { credentials: "same-origin" });
      html = await answer.text();
    } catch {
      return toast(say("lost"));
    }
    // Meanwhile the conversation may have been wiped: the next visitor sees nothing of it.
    if (page.state.conversation !== conversation) return;
    const panel = byId("pq-source");
    byId("pq-source-body").innerHTML = html;
    byId("pq-source-title").textContent = panel.querySelector(".pq-doc h1")?.textContent || "";
    translate(panel, from?.closest(".pq-card"));
    if (panel.hidden) history.pushState({ parkqaSource: true }, "");
    panel.hidden = false;
    opener = from;
    const place = from?.getBoundingClientRect().top;
    document.body.classList.add("pq-with-source");
    // Beside the panel the conversation is narrower, and so longer: what was pressed stays where it was.
    if (from) page.log().scrollTop += from.getBoundingClientRect().top - place;
    panel.querySelector(`#${anchor || "quote"}`)?.scrollIntoView({ block: "center" });
    panel.querySelector("[data-close]").focus({ preventScroll: true });
  }

  // Whoever was shown a translation finds it below what is marked, and the document by the name that the card has for it.
  function translate(panel, card) {
    const translation = card?.querySelector(".pq-translation");
    if (!translation) return;
    byId("pq-source-title").textContent = card.querySelector(".pq-where").textContent;
    const last = [...panel.querySelectorAll(".pq-doc mark")].at(-1);
    last?.closest(".pq-doc > *").after(translation.cloneNode(true));
  }

  // Close the panel; the focus goes back to where it was opened from.
  function closeSource({ focus = true } = {}) {
    const panel = byId("pq-source");
    if (panel.hidden) return;
    panel.hidden = true;
    const place = opener?.getBoundingClientRect().top;
    document.body.classList.remove("pq-with-source");
    if (opener?.isConnected) page.log().scrollTop += opener.getBoundingClientRect().top - place;
    // Closed by other means than the way back: that way then leads to the same page once more, and must do nothing.
    if (history.state?.parkqaSource) history.replaceState(null, "");
    if (focus) (opener?.isConnected ? opener : page.log()).focus({ preventScroll: true });
    opener = null;
  }

  async function copy(text, done = "copied") {
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
    toast(say(done));
  }

  // A link that asks the question anew, handed to the system where it has a way of sharing.
  async function share(question) {
    const url = `${location.origin}${page.root}/chat/?${new URLSearchParams({ q: question })}`;
    try {
      if (navigator.share && page.touch()) return await navigator.share({ title: question, url });
    } catch (error) {
      if (error.name === "AbortError") return;
    }
    copy(url, "linked");
  }

  function toast(text) {
    const line = byId("pq-toast");
    line.textContent = text;
    line.classList.add("pq-on");
    clearTimeout(toast.timer);
    toast.timer = setTimeout(() => line.classList.remove("pq-on"), 2200);
  }

  async function judge(box, liked, reason) {
    try {
      const answer = await fetch(`${page.root}/api/feedback`, {
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
    if (why.hidden) toast(say("thanks"));
    else why.querySelector("input").focus();
    page.keep();
  }

  function sendReason(box) {
    const reason = box.querySelector("input").value.trim();
    if (reason) judge(box, false, reason);
  }

  // Show the whole passage, and let the focus stay in it: the button that had it is gone.
  function unfold(button) {
    const card = button.closest(".pq-card");
    card.classList.remove("pq-folded");
    const link = card.querySelector("[data-source]");
    button.remove();
    link.focus({ preventScroll: true });
    page.keep();
  }

  // Used at a stand: remove everything that the next visitor must not see.
  function forget() {
    page.clear();
    byId("pq-source-body").replaceChildren();
    byId("pq-source-title").textContent = "";
    byId("pq-toast").textContent = "";
    byId("pq-toast").classList.remove("pq-on");
    const box = page.box();
    if (box) { box.value = ""; box.dispatchEvent(new Event("input", { bubbles: true })); }
    page.resetLanguage();
  }

  const ACTIONS = {
    ask: (hit) => page.ask(hit.dataset.ask, hit.dataset.literal),
    again: (hit) => page.again(hit.closest(".pq-turn")),
    judge: (hit) => { if (hit.getAttribute("aria-pressed") !== "true") judge(hit.closest(".pq-judge"), hit.dataset.judge === "1", ""); },
    reason: (hit) => sendReason(hit.closest(".pq-judge")),
    copy: (hit) => copy(`${hit.dataset.copy}\n${new URL(hit.dataset.link, location.href)}`),
    unfold: (hit) => unfold(hit),
    share: (hit) => share(hit.dataset.share),
    source: (hit) => page.openSource(hit.dataset.source, hit),
    close: () => (history.state?.parkqaSource ? history.back() : closeSource()),
    switch: () => page.switchLanguage(),
    new: () => page.startAnew(),
    undo: () => page.undo(),
    save: () => page.save(),
    large: () => page.enlarge(),
    speak: (hit) => page.speak(hit),
  };

  document.addEventListener("click", (event) => {
    if (event.target.matches(".pq-me")) event.target.classList.toggle("pq-whole");
    // With Ctrl, Shift or the middle button a link opens as links do.
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    for (const [name, act] of Object.entries(ACTIONS)) {
      const hit = event.target.closest(`#pq-shell [data-${name}]`);
      if (!hit) continue;
      event.preventDefault();
      act(hit);
      return;
    }
  });
  addEventListener("popstate", () => closeSource());
  addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches?.(".pq-why input")) sendReason(event.target.closest(".pq-judge"));
    if (event.key === "Escape" && !byId("pq-source").hidden) byId("pq-source").querySelector("[data-close]").click();
  });

  Object.assign(page, { openSource, closeSource, toast, forget });
})();
