// Reading aloud and speaking, where the device does it by itself: what visitors ask and get is sent to nobody's service.
(() => {
  "use strict";
  const page = window.parkqaPage;
  const html = document.documentElement;
  const own = { ask: page.ask, clear: page.clear };
  const speech = window.speechSynthesis;

  // Only voices of the device count; browsers list them a moment after the page has come.
  function voice(language) {
    return speech?.getVoices().find(({ localService, lang }) => localService && lang.toLowerCase().startsWith(language));
  }

  function offer() {
    for (const language of ["zh", "en"]) html.classList.toggle(`pq-speaks-${language}`, Boolean(voice(language)));
  }

  // The words that answer, or the quote; for readers of English the translation, as it stands first in the card.
  function spoken(card) {
    const found = ["pq-answer", "pq-words", "pq-chips li", "pq-quote"].map((name) => [...card.querySelectorAll(`:scope > .${name}, .pq-translation .${name}`)]);
    return (found.find((nodes) => nodes.length) || []).map((node) => node.textContent).join("\n");
  }

  function quiet() {
    speech?.cancel();
    document.querySelectorAll('[data-speak][aria-pressed="true"]').forEach((button) => button.setAttribute("aria-pressed", "false"));
  }

  function speak(button) {
    const stop = button.getAttribute("aria-pressed") === "true";
    quiet();
    if (stop) return;
    const words = new SpeechSynthesisUtterance(spoken(button.closest(".pq-card")));
    words.voice = voice(button.dataset.speak);
    words.lang = words.voice.lang;
    words.onend = words.onerror = () => button.setAttribute("aria-pressed", "false");
    button.setAttribute("aria-pressed", "true");
    speech.speak(words);
  }

  // A microphone beside the box, only where speech is recognised on this device and what it needs is there already.
  async function listen() {
    const Recognition = window.SpeechRecognition;
    if (page.mode === "event" || !Recognition?.available) return;
    const langs = [page.language()];
    let state = "";
    try { state = await Recognition.available({ langs, processLocally: true }); } catch { /* not on this device */ }
    if (state !== "available") return;
    const button = document.createElement("button");
    button.type = "button";
    button.id = "pq-mic";
    button.append(...page.words("speak"));
    button.setAttribute("aria-pressed", "false");
    button.addEventListener("click", () => hear(new Recognition(), button));
    // The row of the box is another one once Gradio has come.
    const place = () => page.byId("pq-ask").append(button);
    place();
    document.addEventListener("pq-arrived", place);
  }

  function hear(recognition, button) {
    Object.assign(recognition, { processLocally: true, lang: page.language(), interimResults: true });
    recognition.onresult = ({ results }) => {
      const box = page.box();
      box.value = [...results].map(([best]) => best.transcript).join("");
      box.dispatchEvent(new Event("input", { bubbles: true }));
    };
    recognition.onend = () => { button.setAttribute("aria-pressed", "false"); page.box().focus(); };
    recognition.onerror = () => page.toast(page.say("unheard"));
    button.setAttribute("aria-pressed", "true");
    recognition.start();
  }

  offer();
  speech?.addEventListener?.("voiceschanged", offer);
  listen();
  Object.assign(page, {
    speak,
    ask: (...given) => { const accepted = own.ask(...given); if (accepted) quiet(); return accepted; },
    clear: () => { quiet(); return own.clear(); },
  });
})();
