from handlers import pivot


async def test_english_is_read_as_it_stands(engine):
    assert await pivot.english(engine, "hello") == pivot.Reading("hello")


async def test_a_language_that_can_be_translated_goes_through_english(engine):
    engine.spoken = "pt"
    assert await pivot.english(engine, "olá") == pivot.Reading("OLÁ", "pt>en", "fake-translation")


async def test_any_other_language_is_read_as_it_stands(engine):
    engine.spoken = "ja"
    assert (await pivot.english(engine, "どうも")).pair is None


async def test_hints_reach_the_identification(engine):
    await pivot.english(engine, "ok", hints=("pt",))
    assert engine.calls == [("language", ("ok", ("pt",)))]


async def test_nothing_asks_for_nothing(engine):
    await pivot.english(engine, "  ")
    assert engine.calls == []
