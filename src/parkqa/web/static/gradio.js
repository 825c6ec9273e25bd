// Brings Gradio in once our own page is on the screen: its files, and the shell and the box into their places.
(() => {
  "use strict";
  const page = window.parkqaPage;
  const first = page.byId("pq-ask");
  let composing = false;
  first.addEventListener("compositionstart", () => { composing = true; });
  first.addEventListener("compositionend", () => { composing = false; settle(); });

  // Gradio's style sheet resets what stands in its components, so ours applies once more after it.
  function load() {
    const kept = page.byId("pq-gradio");
    const own = document.querySelector('link[rel="stylesheet"]').cloneNode();
    document.head.append(document.importNode(kept.content, true), own);
    kept.remove();
  }

  // Gradio draws its components when it likes; an input method that is at work in the first box is not interrupted.
  function settle() {
    const place = page.byId("pq-place"), row = document.querySelector("#pq-ask:not(.pq-first-box)");
    const box = row?.querySelector("textarea, input");
    if (!place || !box || !row.querySelector("#pq-send") || composing) return;
    watcher.disconnect();
    moveShell(place);
    takeOver(first.querySelector("[name=q]"), box);
    first.remove();
    page.setLanguage(page.language());
    page.arrived = true;
    document.dispatchEvent(new Event("pq-arrived"));
  }

  // Moving a node resets its scroll positions and loses the focus.
  function moveShell(place) {
    const shell = page.byId("pq-shell"), focused = document.activeElement;
    const tops = [page.log(), page.byId("pq-source")].map((node) => [node, node.scrollTop]);
    place.append(shell);
    for (const [node, top] of tops) node.scrollTop = top;
    if (shell.contains(focused)) focused.focus({ preventScroll: true });
  }

  function takeOver(old, box) {
    const { value, selectionStart, selectionEnd } = old;
    const focused = document.activeElement === old;
    if (value) { box.value = value; box.dispatchEvent(new Event("input", { bubbles: true })); }
    if (!focused) return;
    box.focus({ preventScroll: true });
    box.setSelectionRange(selectionStart, selectionEnd);
  }

  const watcher = new MutationObserver(settle);
  watcher.observe(document.documentElement, { childList: true, subtree: true });
  // A question in the address, /chat/?q=…, is asked at once when it was typed or our own page led here; behind a link of
  // another site the visitor sends it. It leaves the address, or reloading would ask again.
  function askFromAddress() {
    const question = page.query.get("q");
    if (!question || page.mode === "event") return;
    const left = new URL(location.href);
    left.searchParams.delete("q");
    history.replaceState(history.state, "", left);
    if (first.dataset.invited === undefined && page.ask(question, false)) return;
    first.querySelector("[name=q]").value = question;
  }

  page.remember();
  page.prepare();
  askFromAddress();
  // After two frames the shell has been painted.
  requestAnimationFrame(() => requestAnimationFrame(load));
})();
