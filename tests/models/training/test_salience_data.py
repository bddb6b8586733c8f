import gzip
import json

from models.training import salience_data


def test_our_own_threads_mark_spans_of_their_texts():
    threads = list(salience_data.own())
    assert len(threads) > 20
    for thread in threads:
        assert all(speaker and text and "[[" not in text and "]]" not in text for speaker, text in thread.turns)
        said = [thread.texts[turn][start:end] for turn, start, end in thread.telling]
        assert all(text and text == text.strip() for text in said)
        assert len(said) < len(thread.turns)


def test_marks_are_where_the_text_file_puts_them(tmp_path, monkeypatch):
    own = tmp_path / "own.txt"
    own.write_text("# note\nAna: hi. [[It broke.]] [[Who knows: why?]]\nBen: no\n\nCy: ok\n")
    monkeypatch.setattr(salience_data, "OWN", own)
    first, second = salience_data.own()
    assert first.turns == [("Ana", "hi. It broke. Who knows: why?"), ("Ben", "no")]
    assert [first.texts[t][a:b] for t, a, b in first.telling] == ["It broke.", "Who knows: why?"]
    assert second.telling == []


def test_dialogues_become_turns(tmp_path):
    rows = [
        {"split": "train", "dialogue": "\tCustomer:\t@a it broke\n\tAgent:\tsorry!\nreally\n", "summaries": ["It broke."]},
        {"split": "valid", "dialogue": "\tAgent:\thello\n", "summaries": ["Hello."]},
    ]
    (tmp_path / "dialogs.train_val.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (thread,) = salience_data.tweetsumm(tmp_path, "train")
    assert thread.turns == [("Customer", "@a it broke"), ("Agent", "sorry!\nreally")]
    assert [t.summaries for t in salience_data.tweetsumm(tmp_path, "val")] == [["Hello."]]


def test_mails_lose_headers_and_quotations(tmp_path):
    mail = 'Name: "Ana B"   Email: a@x.org   Subject: "a name"      > what name?      I like the first one.   Ana'
    with gzip.open(tmp_path / "val.source.gz", "wt") as file:
        file.write(f"{mail}</s>{mail}</s>\n")
    (tmp_path / "val.target").write_text("Ana likes it.\n")
    (thread,) = salience_data.emails(tmp_path, "val")
    assert thread.turns == [("Ana B", "I like the first one. Ana")] * 2
