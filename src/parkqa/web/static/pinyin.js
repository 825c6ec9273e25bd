// Pinyin to Chinese: which words the letters typed so far can mean, abbreviations by initials (yq for 园区) included.
// Pure calculation on the lists of /event/words/; keyboard.js draws it. Costs are negative logarithms of probabilities.
window.parkqaPinyin = (() => {
  "use strict";
  const root = { next: new Map(), words: [] };
  // Half of the probability goes to the park's own words. An abbreviated syllable leaves open which of about ten it is,
  // an unfinished one which of about three.
  const PARK = 0.5, SHORT = 2.3, UNFINISHED = 1.1;
  const MOST = 60, LONGEST = 40;
  // A word that may well come next is that much likelier: as if it were a hundred times as frequent.
  const EXPECTED = Math.log(100);
  const after = new Map();

  // Add a list: lines "syllables<TAB>word frequency word frequency…". A word of both lists has both probabilities.
  function add(lists) {
    const known = new Map();
    for (const [text, share] of lists) {
      const rows = text.split("\n").filter(Boolean).map((line) => line.split("\t"));
      const pairs = rows.flatMap(([sound, entries]) => {
        const parts = entries.split(" ");
        return parts.filter((_, i) => i % 2 === 0).map((word, i) => [word, sound, Number(parts[2 * i + 1])]);
      });
      const total = pairs.reduce((sum, [, , count]) => sum + count, 0);
      for (const [word, sound, count] of pairs) {
        const name = `${word} ${sound}`;
        known.set(name, (known.get(name) || 0) + share * count / total);
      }
    }
    root.next.clear();
    for (const [name, chance] of known) {
      const [word, ...sound] = name.split(" ");
      place(sound).words.push({ word, cost: -Math.log(chance) });
    }
    sort(root);
  }

  function place(sound) {
    let node = root;
    for (const syllable of sound) {
      if (!node.next.has(syllable)) node.next.set(syllable, { next: new Map(), words: [] });
      node = node.next.get(syllable);
    }
    return node;
  }

  function sort(node) {
    node.words.sort((one, other) => one.cost - other.cost);
    for (const child of node.next.values()) sort(child);
  }

  // Which word may come next: lines "word<TAB>next next…", a word of grammar with "=" before it.
  function addNext(text) {
    after.clear();
    for (const line of text.split("\n").filter(Boolean)) {
      const [word, nexts] = line.split("\t");
      after.set(word.replace("=", ""), { nexts: nexts.split(" ").filter(Boolean), whole: word.startsWith("=") });
    }
  }

  // The words that may follow what stands before the caret, the likeliest first; none after what is no Chinese.
  function follow(before) {
    const chinese = /\p{Script=Han}*$/u.exec(before)[0];
    if (!chinese && before) return [];
    const keys = chinese ? Array.from({ length: 6 }, (_, i) => chinese.slice(i - 6)) : ["^"];
    const { nexts, whole } = after.get(keys.find((key) => after.has(key))) || { nexts: [], whole: false };
    return [...new Set([...nexts, ...(whole ? [] : after.get("*")?.nexts || [])])];
  }

  // How letters from a place on can stand for a syllable: [[letters taken, cost], …].
  function readings(syllable, letters, at) {
    if (letters.startsWith(syllable, at)) return [[syllable.length, 0]];
    const rest = letters.slice(at);
    const found = [];
    const initial = /^[zcs]h/.test(syllable) ? syllable.slice(0, 2) : syllable[0];
    for (const short of new Set([initial, syllable[0]])) if (rest.startsWith(short)) found.push([short.length, SHORT]);
    if (rest.length > initial.length && syllable.startsWith(rest)) found.push([rest.length, UNFINISHED]);
    return found;
  }

  // All words that letters from a place on can begin with: calls found(word, end, cost).
  function walk(letters, start, found, node = root, at = start, cost = 0) {
    if (node.words.length && at > start) found(node.words, at, cost);
    while (letters[at] === "'") at += 1;
    if (at >= letters.length) return;
    for (const [syllable, child] of node.next) {
      if (syllable[0] !== letters[at]) continue;
      for (const [taken, more] of readings(syllable, letters, at)) walk(letters, start, found, child, at + taken, cost + more);
    }
  }

  // The likeliest row of words for all the letters, or "".
  function sentence(letters) {
    const best = [{ cost: 0, text: "" }];
    for (let at = 0; at < letters.length; at += 1) {
      const here = best[at];
      if (!here) continue;
      walk(letters, at, ([{ word, cost: own }], end, cost) => {
        const whole = here.cost + own + cost;
        if (!best[end] || whole < best[end].cost) best[end] = { cost: whole, text: here.text + word };
      });
    }
    return best[letters.length]?.text || "";
  }

  // The candidates for the letters, best first: [{ text, used }], "used" being the letters that one stands for.
  function candidates(typed, before = "") {
    const expected = new Set(follow(before));
    const letters = typed.toLowerCase().slice(0, LONGEST);
    if (!letters) return [];
    const found = new Map();
    walk(letters, 0, (words, used, cost) => {
      for (const { word, cost: usual } of words) {
        const own = expected.has(word) ? usual - EXPECTED : usual;
        const old = found.get(word);
        if (!old || old.used < used || (old.used === used && old.cost > own + cost)) found.set(word, { text: word, used, cost: own + cost });
      }
    });
    const ordered = [...found.values()].sort((one, other) => other.used - one.used || one.cost - other.cost);
    const whole = sentence(letters);
    const first = whole && ordered[0]?.used !== letters.length ? [{ text: whole, used: letters.length }] : [];
    return [...first, ...ordered.filter(({ text }) => text !== first[0]?.text)].slice(0, MOST);
  }

  // Whether letters can be the beginning of what sounds so, initials included; for questions and their words.
  function begins(sound, letters) {
    const syllables = sound.split(" ");
    const match = (number, at) => {
      while (letters[at] === "'") at += 1;
      if (at >= letters.length) return true;
      if (number >= syllables.length) return false;
      return readings(syllables[number], letters, at).some(([taken]) => match(number + 1, at + taken));
    };
    return match(0, 0);
  }

  return {
    add: (general, park, next = "") => { add([[general, 1 - PARK], [park, PARK]]); addNext(next); },
    candidates, follow, begins,
  };
})();
