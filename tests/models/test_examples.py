"""Examples from files, and the sentences about files that cannot be used."""

import json

import pytest

from models.examples import Asked, DataError, asked, labelled, translated


@pytest.fixture
def written(tmp_path):
    def write(name, text):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_labels_come_from_csv_and_from_json_lines_alike(written):
    table = written("a.csv", '\ufefftext,label\n"Good, really\nvery",positive\nbad,negative\nbad,negative\n')
    objects = [{"text": "Good, really\nvery", "label": "positive"}, {"text": "bad", "label": "negative"}]
    lines = written("a.jsonl", "\n\n".join(map(json.dumps, objects)))
    assert labelled(table) == labelled(lines)
    assert [(row.text, row.line) for row in labelled(table)] == [("Good, really\nvery", 2), ("bad", 4)]


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.txt", "text", "must be a CSV file or JSON lines"),
        ("a.csv", "text,lable\nhi,x\n", 'line 1: there is no column "label", only text, lable'),
        ("a.csv", "text,label\nhi,a\n ,b\n", 'line 3, column "text": it is empty'),
        ("a.csv", "text,label\nhi,a\nho,b,c\n", "line 3: it has more values"),
        ("a.csv", 'text,label\n"hi"x,a\n', "line 2: this is not valid CSV"),
        ("a.csv", "text,label\nhi,a\nho,a\n", "every example is 'a'"),
        ("a.csv", "text,label\nhi,a\nho,b\n", "of 'a' there are only 1 different examples; 2 are needed"),
        ("a.csv", "text,label\n", "holds no examples"),
        ("a.csv", "", "only nothing"),
        ("a.jsonl", '{"text": "hi", "label": "a"}\n{"text": "ho"\n', "line 2: this is not valid JSON at column"),
        ("a.jsonl", "[1]", "line 1: it must be an object"),
        ("a.jsonl", '{"text": 7, "label": "a"}', 'column "text": it must be a string, not 7'),
        ("a.jsonl", '{"text": "hi"}', 'line 1, column "label": it is missing'),
    ],
)
def test_what_is_wrong_is_said_with_its_place(written, name, text, words):
    path = written(name, text)
    with pytest.raises(DataError) as refused:
        labelled(path, least=2)
    assert words in str(refused.value)
    assert str(path) in str(refused.value)


def test_a_label_of_no_known_name_is_refused_and_one_without_examples_too(written):
    path = written("a.csv", "text,label\nhi,a\nho,c\n")
    with pytest.raises(DataError, match="line 3, column \"label\": 'c' is none of a, b"):
        labelled(path, among=("a", "b"))
    with pytest.raises(DataError, match="of 'b' there are only 0"):
        labelled(path, among=("a", "b", "c"))


def test_a_missing_file_and_other_encodings_are_one_sentence(tmp_path):
    with pytest.raises(DataError, match="cannot be read: No such file"):
        labelled(tmp_path / "none.csv")
    (tmp_path / "a.csv").write_bytes("text,label\nol\xe9,a\n".encode("latin-1"))
    with pytest.raises(DataError, match="is not UTF-8"):
        labelled(tmp_path / "a.csv")


def test_answers_are_found_in_their_context(written):
    table = written(
        "q.csv",
        "question,context,answer,start\nWho?,Ana and Ana,Ana,8\nWho?,Ana and Ana,and,\nWhen?,Ana and Ana,,\n",
    )
    assert asked(table) == [Asked("Who?", "Ana and Ana", ((4, 7), (8, 11))), Asked("When?", "Ana and Ana", ())]
    everywhere = written("q.jsonl", '{"question": "Who?", "context": "Ana and Ana", "answer": ["Ana"]}')
    assert asked(everywhere)[0].spans == ((0, 3), (8, 11))
    assert asked(everywhere)[0].answers == ("Ana", "Ana")


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("Who?,Ana,Ben,", "'Ben' does not stand in the context word for word"),
        ("Who?,Ana,Ana,2", "'Ana' does not begin at character 2"),
        ("Who?,Ana,Ana,x", "is no whole number"),
        ("Who?,Ana,,2", "there are 1 numbers for 0 answers"),
    ],
)
def test_an_answer_that_is_not_there_is_refused(written, row, words):
    with pytest.raises(DataError, match=words) as refused:
        asked(written("q.csv", f"question,context,answer,start\n{row}\n"))
    assert "line 2" in str(refused.value)


def test_too_few_questions_are_counted(written):
    with pytest.raises(DataError, match="only 1 different questions; 2 are needed"):
        asked(written("q.csv", "question,context,answer\nWho?,Ana,Ana\nWho?,Ana,Ana\n"), least=2)


def test_translations_name_their_languages(written):
    known = {"English": "en", "pt": "pt"}.get
    path = written("t.jsonl", '{"text": "Hi", "source": "English", "target": "pt", "translation": ["Oi", "Olá"]}')
    assert translated(path, known)[0].references == ("Oi", "Olá")
    assert translated(path, known)[0].source == "en"
    with pytest.raises(DataError, match="column \"source\": 'xx' is no language"):
        translated(written("u.csv", "text,source,target,translation\nHi,xx,pt,Oi\n"), known)
