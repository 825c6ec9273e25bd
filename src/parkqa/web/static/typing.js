// The box: what an input method or a phone's keyboard needs, and how much room is left.
(() => {
  "use strict";
  const page = window.parkqaPage;
  const NEAR = 100;
  const counter = document.createElement("p");
  counter.className = "pq-left";
  counter.id = "pq-left";
  counter.hidden = true;
  counter.setAttribute("role", "status");

  // Enter and the button send at once and empty the box at once. Gradio's events would hand the text over and set the
  // box a moment later: what was typed meanwhile was lost.
  function send() {
    const box = page.box();
    if (!page.ask(box.value, false)) return;
    box.value = "";
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }

  // Gradio's textbox submits on Enter even during composition with an input method.
  for (const kind of ["keydown", "keypress", "keyup"]) {
    addEventListener(kind, (event) => {
      if (event.key !== "Enter") return;
      const composing = event.isComposing || event.keyCode === 229;
      if (!composing && (event.target !== page.box() || event.shiftKey)) return;
      event.stopImmediatePropagation();
      if (composing) return;
      event.preventDefault();
      if (kind === "keydown" && !event.repeat) send();
    }, true);
  }
  addEventListener("click", (event) => { if (event.target.closest?.("#pq-send")) send(); }, true);

  function count() {
    const left = page.longest - [...(page.box()?.value || "")].length;
    counter.hidden = left > NEAR;
    counter.classList.toggle("pq-over", left < 0);
    counter.textContent = left > NEAR ? "" : page.say(left < 0 ? "over" : "left").replace("#", Math.abs(left));
    const ask = page.byId("pq-ask");
    if (counter.parentNode !== ask) ask.append(counter);
  }

  addEventListener("input", (event) => { if (event.target === page.box()) count(); }, true);

  // Where the keyboard covers the page instead of shrinking it, as in Safari, the box moves above it.
  function makeRoom() {
    const { height, offsetTop, scale } = visualViewport;
    const covered = scale > 1.01 ? 0 : Math.max(innerHeight - height - offsetTop, 0);
    document.documentElement.style.setProperty("--pq-keys", `${Math.round(covered)}px`);
  }
  for (const kind of ["resize", "scroll"]) window.visualViewport?.addEventListener(kind, makeRoom);

  // The first box, which is there before Gradio's, is a form that works without scripts, too.
  document.addEventListener("submit", (event) => {
    if (event.target.id === "pq-ask") {
      event.preventDefault();
      send();
    } else if (event.target.closest("#pq-shell") && event.target.matches("form:not([method=dialog])")) event.preventDefault();
  });
})();
