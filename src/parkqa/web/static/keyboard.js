// The keyboard on the page of a stand: pinyin with candidates, English, digits, for a touch screen without a keyboard.
// It comes when the box, or a field of a message, is touched, and stays away from where a physical keyboard has been used until the next visitor.
(() => {
  "use strict";
  const page = window.parkqaPage;
  const { byId } = page;
  const ask = page.ask;
  const pad = byId("pq-pad"), words = byId("pq-pad-words"), letters = byId("pq-pad-letters");
  const state = { typed: "", chinese: true, layout: "abc", physical: false, system: false, field: null, keys: null, drawn: "", loading: null };
  // How many words are offered before a letter is typed: about what fits into two lines.
  const NEXT = 24;
  // Milliseconds after which the page itself is there.
  const QUIET = 1500;
  const FIELDS = "textarea, input:not([type=hidden], [type=checkbox])";
  const BOTTOM = "{mode} {signs} ' {space} {hide} {enter}";
  const LAYOUT = {
    abc: ["q w e r t y u i o p", "a s d f g h j k l", "{shift} z x c v b n m {back}", BOTTOM],
    ABC: ["Q W E R T Y U I O P", "A S D F G H J K L", "{shift} Z X C V B N M {back}", BOTTOM],
    signs: ["1 2 3 4 5 6 7 8 9 0", "- / : ( ) @ % & . ，", "？ ！ 。 、 · “ ” , ? {back}", "{mode} {letters} {space} {hide} {enter}"],
  };

  // Where what is typed goes: the box, or the field of a message that was touched last.
  function field() { return state.field?.isConnected ? state.field : page.box(); }

  function display() {
    const enter = page.say(field() === page.box() ? "send" : "nextField");
    return {
      "{back}": "⌫", "{shift}": "⇧", "{signs}": "123", "{letters}": "ABC", "{hide}": page.say("hide"), "{enter}": enter,
      "{mode}": state.chinese ? "中 → En" : "En → 中", "{space}": page.say(state.chinese ? "first" : "space"),
    };
  }

  // The lists of words are loaded once.
  function prepare() { state.loading ??= load().catch(() => { state.loading = null; }); }

  async function load() {
    const text = async (which) => (await fetch(`${page.root}/event/words/${which}`, { credentials: "same-origin" })).text();
    const [general, park, next] = await Promise.all([text("general"), text("park"), text("next")]);
    window.parkqaPinyin.add(general, park, next);
  }

  function draw() {
    state.keys ??= new window.SimpleKeyboard.default(".pq-pad-keys", {
      layout: LAYOUT, layoutName: "abc", theme: "pq-pad-theme", useButtonTag: true, preventMouseDownDefault: true,
      buttonAttributes: [["{back}", "back"], ["{shift}", "shift"]].map(([buttons, word]) => ({ buttons, attribute: "aria-label", value: page.say(word) })),
      physicalKeyboardHighlight: false, disableCaretPositioning: true, onKeyPress: press,
    });
    const labels = display();
    // Setting options draws all keys anew, also the one that is just pressed.
    const drawn = JSON.stringify([state.layout, labels]);
    if (state.drawn !== drawn) state.keys.setOptions({ layoutName: state.layout, display: labels });
    state.drawn = drawn;
    letters.textContent = state.typed;
    words.replaceChildren(...offered().map(({ text, used }) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = text;
      button.addEventListener("click", () => pick(text, used));
      return button;
    }));
    words.scrollTop = 0;
    page.guess();
  }

  // What the letters can mean; before any are typed, the words that a question may go on with.
  function offered() {
    if (state.typed) return candidates(state.typed);
    const asks = state.chinese && field() === page.box();
    return asks ? window.parkqaPinyin.follow(before()).slice(0, NEXT).map((text) => ({ text, used: 0 })) : [];
  }

  function candidates(typed) { return window.parkqaPinyin.candidates(typed, before()); }

  function before() { return field().value.slice(0, field().selectionStart ?? 0); }

  function insert(text) {
    const box = field();
    box.setRangeText(text, box.selectionStart, box.selectionEnd, "end");
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function pick(text, used) {
    state.typed = state.typed.slice(used);
    insert(text);
    draw();
  }

  function back() {
    if (state.typed) { state.typed = state.typed.slice(0, -1); return; }
    const box = field();
    const before = [...box.value.slice(0, box.selectionStart)];
    const from = box.selectionStart === box.selectionEnd ? before.slice(0, -1).join("").length : box.selectionStart;
    box.setRangeText("", from, box.selectionEnd, "end");
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }

  // The first candidate stands for the letters; where there is none, they stand for themselves.
  function settle() {
    for (let rest = state.typed; rest; rest = state.typed) {
      const [first] = candidates(rest);
      state.typed = first ? rest.slice(first.used) : "";
      insert(first ? first.text : rest);
    }
  }

  const KEYS = {
    "{back}": back,
    "{hide}": () => hide(),
    "{shift}": () => { state.layout = state.layout === "abc" ? "ABC" : "abc"; },
    "{signs}": () => { state.layout = "signs"; },
    "{letters}": () => { state.layout = "abc"; },
    "{mode}": () => { settle(); state.chinese = !state.chinese; state.layout = "abc"; },
    "{space}": () => {
      if (!state.typed) return insert(" ");
      const [first] = candidates(state.typed);
      if (first) pick(first.text, first.used); else settle();
    },
    "{enter}": () => {
      settle();
      if (field() !== page.box()) return onward();
      if (page.box().value.trim()) byId("pq-send").click();
    },
  };

  function press(key) {
    if (KEYS[key]) KEYS[key]();
    else if (state.chinese && /^[a-z]$/.test(key) || (key === "'" && state.typed)) state.typed += key;
    else {
      settle();
      insert(key);
      if (state.layout === "ABC") state.layout = "abc";
    }
    if (!pad.hidden) draw();
  }

  async function show(target) {
    if (state.physical || state.system || (!pad.hidden && field() === target)) return;
    const contact = target.name === "contact";
    Object.assign(state, { field: target, typed: "", chinese: page.language() !== "en" && !contact, layout: contact ? "signs" : "abc" });
    prepare();
    // Otherwise the system's own keyboard would come over ours.
    target.setAttribute("inputmode", "none");
    pad.hidden = false;
    draw();
    place();
    if (target !== page.box()) target.scrollIntoView({ block: "nearest" });
    topics();
    await state.loading;
    if (!pad.hidden) draw();
  }

  // From a field of a message to the one after it; after the last the keys go.
  function onward() {
    const fields = [...field().form.querySelectorAll(FIELDS)];
    const next = fields[fields.indexOf(field()) + 1];
    if (!next) return hide();
    show(next);
    next.focus();
  }

  function hide() {
    pad.hidden = true;
    state.field = null;
    state.typed = "";
    state.layout = "abc";
    place();
    page.guess();
  }

  // Box and conversation move above the keys.
  function place() {
    const height = pad.hidden ? 0 : pad.offsetHeight;
    document.documentElement.style.setProperty("--pq-pad", `${height}px`);
  }

  // Questions to choose from beside the keys, by the headings under which their answers stand.
  async function topics() {
    const known = (await page.known()).filter(({ language }) => (language === "en") === (page.language() === "en"));
    const groups = Map.groupBy ? Map.groupBy(known, ({ group }) => group) : grouped(known);
    byId("pq-topics").replaceChildren(...[...groups].map(([group, questions]) => {
      const folded = document.createElement("details");
      folded.name = "pq-topic";
      const summary = document.createElement("summary");
      summary.textContent = `${group} (${questions.length})`;
      folded.append(summary, ...questions.map(({ question }) => {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = button.dataset.ask = question;
        return button;
      }));
      return folded;
    }));
    byId("pq-topics").querySelector("details")?.setAttribute("open", "");
  }

  function grouped(known) {
    const groups = new Map();
    for (const one of known) groups.set(one.group, [...(groups.get(one.group) || []), one]);
    return groups;
  }

  // A key that is really pressed: a keyboard is there. Keys of a system's keyboard on the screen have the code 229.
  addEventListener("keydown", (event) => {
    if (!event.isTrusted || event.keyCode === 229 || event.key === "Unidentified") return;
    state.physical = true;
    field()?.removeAttribute("inputmode");
    if (!pad.hidden) hide();
  }, true);
  // Before the focus comes, and with it the system's keyboard.
  addEventListener("pointerdown", (event) => {
    const touched = event.target.closest?.("label")?.control || event.target;
    if (event.pointerType !== "mouse" && (touched === page.box() || touched.matches?.(`#pq-message :is(${FIELDS})`))) show(touched);
  }, true);
  // The focus, and with it the caret, stays in the box.
  pad.addEventListener("mousedown", (event) => event.preventDefault());
  new ResizeObserver(place).observe(pad);
  // The server takes seconds to put the words together: at a touch screen that is done before the first touch.
  if (matchMedia("(any-pointer: coarse)").matches) setTimeout(prepare, QUIET);

  page.ask = (question, literal) => {
    const accepted = ask(question, literal);
    if (accepted && !pad.hidden) hide();
    return accepted;
  };
  Object.assign(page, {
    letters: () => (field() === page.box() ? state.typed : ""),
    forgetField: () => { if (state.field && state.field !== page.box()) hide(); },
    // For the next visitor all is as at the beginning.
    forgetKeys: () => { state.physical = false; hide(); },
    systemKeys: () => {
      state.system = !state.system;
      if (state.system) { hide(); page.box()?.removeAttribute("inputmode"); }
      return state.system;
    },
  });
})();
