"""A visitor who types with the keyboard on the page of a stand: how many strokes a question takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from playwright.sync_api import Page

from parkqa.text.pronunciation import syllables

SEEN = 24
"""Words of two characters that are seen at once in the lines above the keys; fewer of longer ones."""
# Of what is offered before a letter is typed, the visitor takes what the question goes on with, in one stroke. Any
# other word is typed by its initials, where it is then among those seen, else by its pinyin until it is, and taken; a
# longer word that never is, character by character, and a character that never is costs one stroke more, to scroll.
_TYPED = f"""(questions) => {{
  const {{ candidates, follow }} = parkqaPinyin;
  const shown = (before, word, letters) => candidates(letters, before).slice(0, {SEEN})
    .some(({{ text, used }}) => text === word && used === letters.length);
  const strokes = (before, [word, sounds]) => {{
    const initials = sounds.map((sound) => sound[0]).join(""), whole = sounds.join("");
    if (shown(before, word, initials)) return initials.length + 1;
    for (let size = 2; size <= whole.length; size += 1)
      if (shown(before, word, whole.slice(0, size))) return size + 1;
    if (sounds.length === 1) return whole.length + 2;
    return sounds.reduce((sum, sound, i) => sum + strokes(before + word.slice(0, i), [word[i], [sound]]), 0);
  }};
  const next = (before, rest) => {{
    const offered = follow(before).slice(0, {SEEN});
    for (let count = rest.length; count; count -= 1)
      if (offered.includes(rest.slice(0, count).map(([word]) => word).join(""))) return [count, 1];
    return [1, strokes(before, rest[0])];
  }};
  return questions.map((words) => {{
    let before = "", taken = 0;
    for (let i = 0; i < words.length;) {{
      const [count, cost] = next(before, words.slice(i));
      before += words.slice(i, i + count).map(([word]) => word).join("");
      taken += cost;
      i += count;
    }}
    return taken;
  }});
}}"""


def strokes(page: Page, questions: Sequence[str], cut: Callable[[str], Sequence[str]]) -> dict[str, int]:
    """Return how many strokes each question takes on a stand's page whose words are loaded.

    ``cut`` divides a question, of Chinese characters only, into words.
    """
    words = [[[word, syllables(word)] for word in cut(question)] for question in questions]
    return dict(zip(questions, page.evaluate(_TYPED, words), strict=True))
