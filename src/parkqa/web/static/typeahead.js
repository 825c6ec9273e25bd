// While a question is typed, the known ones that it may become: those of park.yaml and faq.yaml, all with an answer.
// A list under the combobox pattern of ARIA, for keyboard and touch; at a stand pinyin letters find them, too.
(() => {
  "use strict";
  const page = window.parkqaPage;
  const SHOWN = page.mode === "event" ? 3 : 5;
  const list = document.createElement("ul");
  list.id = "pq-guess";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  const guess = { known: null, asking: false, active: -1, closed: null };

  async function load() {
    if (guess.known || guess.asking) return;
    guess.asking = true;
    try {
      const answer = await fetch(`${page.root}/ask/questions?lang=${page.language()}`, { credentials: "same-origin" });
      const { questions } = await answer.json();
      if (questions.length) guess.known = questions.map((one) => ({ ...one, parts: parts(one.question) }));
    } catch { /* without them there is nothing to complete */ }
    guess.asking = false;
    if (guess.known) update();
  }

  // Chinese character by character, everything else word by word; signs do not count.
  function parts(text) { return text.toLowerCase().match(/\p{Script=Han}|[\p{L}\p{N}]+/gu) || []; }

  // How well what is typed fits a question: 0 its beginning, 1 parts of it in their order, -1 not at all.
  function fit(typed, question) {
    let place = -1, first = true;
    for (const [i, part] of typed.entries()) {
      const last = i === typed.length - 1;
      const next = question.findIndex((one, at) => at > place && (one === part || (last && one.startsWith(part))));
      if (next < 0) return -1;
      first &&= next === i;
      place = next;
    }
    return first ? 0 : 1;
  }

  // What is typed, and letters of the keyboard on the page that are no Chinese yet.
  function fits(one, typed, letters) {
    const found = typed.length ? fit(typed, one.parts) : 0;
    if (found < 0 || !letters) return found;
    const sound = one.sound.split(" ").slice(found === 0 ? typed.length : 0).join(" ");
    return found === 0 && sound && window.parkqaPinyin?.begins(sound, letters) ? 0 : -1;
  }

  function matches(text, letters = "") {
    const typed = parts(text);
    const enough = typed.length > 1 || (typed[0] || "").length > 1 || /\p{Script=Han}/u.test(text) || letters.length > 1;
    if (!enough || !guess.known) return [];
    const asked = new Set(page.state.past.map((question) => parts(question).join()));
    return guess.known
      .map((one) => [fits(one, typed, letters), one])
      .filter(([found, one]) => found >= 0 && !asked.has(one.parts.join()) && one.parts.join() !== typed.join())
      .sort(([one], [other]) => one - other)
      .slice(0, SHOWN)
      .map(([, one]) => one.question);
  }

  function update() {
    const box = page.box();
    if (!box) return;
    const letters = page.letters?.() || "";
    const open = document.activeElement === box && guess.closed !== `${box.value}|${letters}`;
    draw(box, open ? matches(box.value, letters) : []);
  }

  function draw(box, questions) {
    const ask = page.byId("pq-ask");
    if (list.parentNode !== ask) ask.append(list);
    guess.active = -1;
    list.setAttribute("aria-label", page.say("known"));
    list.replaceChildren(...questions.map((question, number) => {
      const item = document.createElement("li");
      item.id = `pq-guess-${number}`;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", "false");
      item.textContent = question;
      return item;
    }));
    list.hidden = !questions.length;
    describe(box);
  }

  function describe(box) {
    const about = { role: "combobox", "aria-autocomplete": "list", "aria-haspopup": "listbox", "aria-controls": list.id, "aria-expanded": String(!list.hidden) };
    for (const [name, value] of Object.entries(about)) box.setAttribute(name, value);
    const active = list.children[guess.active];
    if (active) box.setAttribute("aria-activedescendant", active.id);
    else box.removeAttribute("aria-activedescendant");
  }

  function move(step) {
    const count = list.children.length;
    list.children[guess.active]?.setAttribute("aria-selected", "false");
    // One place more than there are questions: what was typed itself.
    guess.active = (guess.active + 1 + step + count + 1) % (count + 1) - 1;
    list.children[guess.active]?.setAttribute("aria-selected", "true");
    describe(page.box());
  }

  function close() {
    guess.closed = `${page.box().value}|${page.letters?.() || ""}`;
    draw(page.box(), []);
  }

  function choose(question) {
    const box = page.box();
    if (!page.ask(question, false)) return;
    box.value = "";
    box.dispatchEvent(new Event("input", { bubbles: true }));
    close();
  }

  const KEYS = {
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    Escape: close,
    Enter: () => choose(list.children[guess.active].textContent),
  };

  addEventListener("keydown", (event) => {
    const run = KEYS[event.key];
    if (!run || event.target !== page.box() || list.hidden || event.isComposing || event.keyCode === 229) return;
    if (event.shiftKey || event.altKey || event.ctrlKey || event.metaKey || (event.key === "Enter" && guess.active < 0)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    run();
  }, true);
  // Pressed, the list would take the focus from the box, and be closed before the click.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const item = event.target.closest("li");
    if (item) choose(item.textContent);
  });
  addEventListener("input", (event) => {
    if (event.target !== page.box() || event.isComposing) return;
    guess.closed = null;
    update();
  }, true);
  addEventListener("compositionend", () => update(), true);
  document.addEventListener("focusin", (event) => {
    if (event.target !== page.box()) return;
    describe(event.target);
    load();
  });
  document.addEventListener("focusout", (event) => { if (event.target === page.box()) draw(event.target, []); });

  Object.assign(page, { guess: update, matches, known: async () => { await load(); return guess.known || []; } });
})();
