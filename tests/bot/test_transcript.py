import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.transcript import TranscriptError, parse, read
from handlers.conversation import Thread, Turn


def test_a_json_array():
    assert parse('[\n  {"speaker": "Maya", "text": "hi", "at": "14:02"},\n  {"speaker": "Leah", "text": ""}\n]') == Thread(
        (Turn("Maya", "hi", "14:02"), Turn("Leah", ""))
    )


def test_json_lines_with_blank_lines_between():
    assert parse('{"speaker": "Maya", "text": "hi", "id": 3}\n\n{"speaker": "Leah", "text": "ho", "at": null}\n') == Thread(
        (Turn("Maya", "hi"), Turn("Leah", "ho"))
    )


def test_plain_lines_with_times_and_messages_of_several_lines():
    text = "[14:02] Maya Lee: the log says\n  error: timeout\n\nsee https://example.com\nLeah:\n thanks\n"
    assert parse(text) == Thread(
        (Turn("Maya Lee", "the log says\n  error: timeout\n\nsee https://example.com", "14:02"), Turn("Leah", "thanks"))
    )


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("", "line 1: there is no message"),
        ("[]", "line 1: there is no message"),
        ("\nwhat is this\n", "line 2: a message must start with its speaker"),
        ('[\n{"speaker": "Maya", "text": "hi"}\n{"speaker"', "line 3: this is not valid JSON at column 1"),
        ('[{"speaker": "Maya", "text": "[,{"},\n\n {"speaker": "Leah"}]', 'line 3: a message has no "text"'),
        ('["hi"]', "line 1: a message must be an object"),
        (
            '{"speaker": "Maya", "text": "hi"}\n{"speaker": 7, "text": "hi"}',
            'line 2: the "speaker" of a message must be a string',
        ),
        ('{"speaker": "Maya", "text": "hi"}\n\n{"speaker":', "line 3: this is not valid JSON"),
        ('{"speaker": "Maya", "text": "hi", "link": 1}', 'line 1: the "link" of a message must be a string'),
        ('[{"text": ' * 100_000, "line 1: this JSON cannot be read"),
    ],
)
def test_what_is_wrong_is_one_sentence_with_the_line(text, where):
    with pytest.raises(TranscriptError) as caught:
        parse(text)
    assert str(caught.value).startswith(where)
    assert "\n" not in str(caught.value)


@given(st.lists(st.builds(Turn, st.text(), st.text()), min_size=1), st.integers(0, 3))
def test_whatever_is_written_as_json_is_read_back(turns, indent):
    written = [{"speaker": turn.speaker, "text": turn.text} for turn in turns]
    assert parse(json.dumps(written, indent=indent)) == Thread(tuple(turns))
    assert parse("\n".join(map(json.dumps, written))) == Thread(tuple(turns))


@given(st.text())
def test_any_text_is_read_or_refused_with_its_line(text):
    try:
        thread = parse(text)
    except TranscriptError as error:
        refused = str(error)
    else:
        refused = "" if thread.turns else "no turns"
    assert refused == "" or refused.startswith("line ")


def test_a_file_is_named_in_what_is_wrong_with_it(tmp_path):
    file = tmp_path / "thread.txt"
    with pytest.raises(TranscriptError, match=r"thread\.txt cannot be read: no such file or directory\."):
        read(file)
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(TranscriptError, match=r"thread\.txt is not a text file in UTF-8\."):
        read(file)
    file.write_text("hello", encoding="utf-8-sig")
    with pytest.raises(TranscriptError, match=r"thread\.txt, line 1: "):
        read(file)
    file.write_text("Maya: hello", encoding="utf-8-sig")
    assert read(file).turns == (Turn("Maya", "hello"),)
