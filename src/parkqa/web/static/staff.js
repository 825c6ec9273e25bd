// What the staff at a stand do without a keyboard: a long press on the logo, a PIN, and then wipe, pause, larger type,
// full screen, the system's keyboard, and at which address phones reach this machine.
(() => {
  "use strict";
  const page = window.parkqaPage, stand = window.parkqaStand;
  if (!stand) return;
  const { byId } = page;
  const panel = byId("pq-staff"), pin = byId("pq-pin"), told = byId("pq-pin-told");
  const LONG = 1200, DIGITS = 4;
  let timer = 0;

  function open() {
    pin.value = "";
    told.textContent = "";
    panel.classList.remove("pq-open");
    if (!panel.open) panel.showModal();
  }

  // The server knows the PIN; what it gives back is shown to those who do.
  async function enter() {
    try {
      const answer = await fetch(`${page.root}/event/staff`, {
        method: "POST", credentials: "same-origin", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ pin: pin.value }),
      });
      const reply = await answer.json();
      if (!answer.ok) return told.replaceChildren(...page.sentences(reply.error));
      byId("pq-staff-address").textContent = reply.address;
      byId("pq-staff-phones").textContent = reply.phones || "—";
      panel.classList.add("pq-open");
    } catch {
      told.replaceChildren(...page.words("lost"));
    } finally {
      pin.value = "";
    }
  }

  const ACTS = {
    wipe: () => { stand.wipe(); panel.close(); },
    next: () => { stand.next(); panel.close(); },
    larger: stand.larger,
    pause: stand.pause,
    full: () => { stand.full(); panel.close(); },
    system: (button) => button.setAttribute("aria-pressed", String(page.systemKeys())),
  };

  const logo = document.querySelector(".pq-bar .pq-dot");
  const release = () => clearTimeout(timer);
  logo.addEventListener("pointerdown", () => { release(); timer = setTimeout(open, LONG); });
  for (const kind of ["pointerup", "pointerleave", "pointercancel"]) logo.addEventListener(kind, release);
  panel.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const { digit, act } = button.dataset;
    if (digit !== undefined) {
      pin.value = digit === "" ? pin.value.slice(0, -1) : pin.value + digit;
      if (pin.value.length >= DIGITS) enter();
    }
    if (act) ACTS[act](button);
  });
  pin.addEventListener("input", () => { if (pin.value.length >= DIGITS) enter(); });
})();
