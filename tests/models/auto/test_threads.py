from types import SimpleNamespace

import pytest

from models.auto.threads import ENDLESS, USUAL, longest, windows


def words(text):
    return len(text.split())


def test_turns_share_a_window_as_long_as_they_fit():
    assert windows(["a b", "c", "d e f", "g"], words, 6) == ["a b\nc", "d e f\ng"]


def test_a_turn_is_cut_at_a_sentence_only_where_it_alone_is_too_long():
    turns = ["Short one.", "First of all this. Then that other thing. And a last word.", "End."]
    assert windows(turns, words, 8) == ["Short one.", "First of all this. Then that other thing.", "And a last word.\nEnd."]


@pytest.mark.parametrize("turn", ["word " * 50, "x" * 50, "long " * 3 + "y" * 40 + " end"])
def test_a_sentence_that_is_too_long_is_cut_and_nothing_is_lost(turn):
    found = windows(["Before.", turn], len, 16)
    assert max(map(len, found)) <= 16
    assert "".join("".join(found).split()) == "Before." + "".join(turn.split())


def test_a_window_gives_way_where_its_turns_are_longer_together():
    def longer(text):
        return words(text) + 3 * text.count("\n")

    assert windows(["a", "b", "c"], longer, 4) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("positions", "tokenizer", "tokens"),
    [
        ({"max_position_embeddings": 1024}, ENDLESS * 10**20, 1024),
        ({"max_position_embeddings": 1024}, 512, 512),
        ({"max_encoder_position_embeddings": 16384, "max_decoder_position_embeddings": 1024}, ENDLESS, 16384),
        ({}, 512, 512),
        ({"n_positions": 256}, ENDLESS, 256),
        ({}, ENDLESS, USUAL),
    ],
)
def test_a_window_is_as_long_as_the_checkpoint_was_made_for(positions, tokenizer, tokens):
    assert longest(SimpleNamespace(**positions), SimpleNamespace(model_max_length=tokenizer)) == tokens
