"""An answer in parts is one only where every part is answered after all."""

from parkqa.answer.answering import Answerer
from parkqa.answer.meaning import Ranked
from parkqa.answer.suggestions import Suggestions
from parkqa.engine import Engine
from parkqa.search.passage_texts import units
from parkqa.search.pipeline import Ranking
from parkqa.types import Hit


def test_a_part_that_is_refused_after_all_leaves_one_question(engine: Engine) -> None:
    query, vector = engine.understand("2018年有多少家企业？")
    of_another_year = next(
        Hit(row, passage, 1.0, 0.0, 0.0, (1.0,) * len(units(passage)))
        for row, passage in enumerate(engine.store.passages)
        if passage.kind == "paragraph" and "2003年" in passage.text and "2018" not in passage.text
    )
    part = Ranked(query, vector, Ranking((of_another_year,), 0.9, engine.pipeline.plain))
    suggested: Suggestions = engine._suggested
    answerer = Answerer(engine.pipeline, engine.encoder, engine.vocabulary, engine.park, suggested)
    fields = answerer._in_parts(part, (part, part), ())
    assert (fields["kind"], fields["quotes"], fields.get("parts", ())) == ("refusal", (), ())
