import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.platforms.slack.markup import Permalink, bold, escape, link, mentioned, permalink_parts, prose, read

NAMES = {"U1": "Maya <Ops>", "C2": "releases", "S1": "oncall"}
J = "\u2060"
HOSTILE = st.lists(
    st.one_of(
        st.sampled_from(
            ["<!here>", "<@U1>", "<!subteam^S1|@team>", "@channel", "@Everyone", "@\u200bhere", "@\u202ehere", "@"]
        )
        | st.sampled_from(
            ["here", "<https://a.example|b>", "https://c.example/@here|x", "*", "_", "~", "`", "```", "\n", " ", ">"]
        )
        | st.sampled_from(["\u200d", "\u2066", "\ud800", "\x00", "&lt;", "&", "\u2028"]),
        st.text(max_size=4),
    )
).map("".join)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("a &lt;b&gt; &amp;amp; c", "a <b> &amp; c"),
        ("&lt;@U1&gt;", "<@U1>"),
        ("<@U1>, <@U1|m>, <@U9|rafael> and <@U8>", "@Maya <Ops>, @Maya <Ops>, @rafael and @U8"),
        ("<#C1|general> <#C2|> <#C2> <#C3>", "#general #releases #releases #C3"),
        ("<!subteam^S9|@team> <!subteam^S1> <!subteam^S9>", "@team @oncall @S9"),
        ("<!here> <!channel|channel> <!everyone>", "@here @channel @everyone"),
        ("<!date^1392734382^{date_num} at {time}|18 Feb 2014 6:39 PST>", "18 Feb 2014 6:39 PST"),
        ("<!date^1392734382^{date}^https://a.example/|Feb 18>", "Feb 18"),
        ("<https://a.example/x?y=1&amp;z=2|the notes>", "the notes (https://a.example/x?y=1&z=2)"),
        ("<https://a.example/x>", "https://a.example/x"),
        ("<https://a.example/|https://a.example/> <http://a.example|a.example>", "https://a.example/ http://a.example"),
        ("<https://evil.example|https://bank.example>", "https://bank.example (https://evil.example)"),
        ("<mailto:m@a.example|m@a.example> <mailto:m@a.example|Maya>", "m@a.example Maya (m@a.example)"),
        ("<mailto:m@a.example> <tel:+351123|+351 123>", "m@a.example +351 123 (+351123)"),
        (":tada: *bold* `code`", ":tada: *bold* `code`"),
        ("a <b> c", "a <b> c"),
        ("2 < 3 and <", "2 < 3 and <"),
        ("", ""),
    ],
)
def test_reading(text, seen):
    assert read(text, NAMES) == seen


def test_who_is_mentioned():
    assert mentioned("<@U1> &lt;@U2&gt; <@W3|w>: <@U1> <#C1> <!subteam^S1>") == ["U1", "W3"]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
        ("&lt;", "&amp;lt;"),
        ("<!channel> <!here|here>", "&lt;!channel&gt; &lt;!here|here&gt;"),
        ("@channel, @Here, @EVERYONE", f"@{J}channel, @{J}Here, @{J}EVERYONE"),
        ("<@U1> <!subteam^S1|@team>", f"&lt;@{J}U1&gt; &lt;!subteam^S1|@{J}team&gt;"),
        ("@maya me@a.example x@here", f"@{J}maya me@a.example x@{J}here"),
        ("@\u200bhere @\u202dhere @\u00adhere", " ".join([f"@{J}here"] * 3)),
        ("*b* _i_ ~s~ `c`", " ".join(f"{J}{mark}{J}{word}{J}{mark}{J}" for mark, word in ("*b", "_i", "~s", "`c"))),
        ("a_b_c 2*3 4 * 5 * 6", "a_b_c 2*3 4 * 5 * 6"),
        ("> not a quote\n>>> nor this", f"{J}&gt; not a quote\n{J}&gt;&gt;&gt; nor this"),
        ("see https://a.example/b_(c)?d=_e_&f, ok", "see <https://a.example/b_(c)?d=_e_&amp;f>, ok"),
        ("(https://a.example/x).", "(<https://a.example/x>)."),
        ("https:// and https://...", "https:// and https://..."),
        ("*https://a.example*", f"{J}*{J}<https://a.example>{J}*{J}"),
        ("https://a.example|https://b.example", "<https://a.example>|<https://b.example>"),
        ("<https://a.example|label>", "&lt;<https://a.example>|label&gt;"),
        ("javascript:alert(1) <javascript:alert(1)|x>", "javascript:alert(1) &lt;javascript:alert(1)|x&gt;"),
        ("https://a.example/@here", "<https://a.example/%40here>"),
        ("\u202ehttps://a.example/gpj.exe", "<https://a.example/gpj.exe>"),
        (
            "https://a.exam\u200bple https://bank.example\u200d.evil.example",
            "<https://a.example> <https://bank.example.evil.example>",
        ),
        ("👨‍👩‍👧 ❤️ 1️⃣ 🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", None),
        (":tada:", None),
    ],
)
def test_writing(text, written):
    assert escape(text) == (text if written is None else written)


def test_a_very_long_address_is_no_link():
    assert escape("https://a.example/" + "x" * 2000 + "@here") == "https://a.example/" + "x" * 2000 + f"@{J}here"


@settings(deadline=None)
@given(HOSTILE)
def test_nothing_written_notifies_anybody_or_hides_anything(text):
    for written in (escape(text), prose(text)):
        assert not any(f"@{word}" in written.lower() for word in ("channel", "here", "everyone"))
        assert not mentioned(written)
        assert all(token.startswith(("http://", "https://")) for token in tokens(written))
        assert not any("|" in token for token in tokens(written))
        assert not set(written) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\ufeff\x00\x1b")
        written.encode()


def tokens(written):
    return [token.partition(">")[0] for token in written.split("<")[1:]]


@settings(deadline=None)
@given(st.text(alphabet="abc <>&|@!#U1:/.*_~`\n", max_size=60))
def test_what_is_written_reads_as_it_was(text):
    assert read(escape(text), {}).replace(J, "") == text


def test_code_stays_code():
    assert prose("run `a_b --to *` or\n```python\nx < `1` # @here *a*\n```\n*now*") == (
        f"run `a_b --to *` or\n```\nx &lt; `1` # @{J}here *a*\n```\n{J}*{J}now{J}*{J}"
    )


def test_code_that_never_ends_is_none():
    assert prose("``` <!here> *a*") == escape("``` <!here> *a*")


def test_bold_goes_line_by_line_and_around_spaces():
    assert bold(" two \n\nlines") == " *two* \n\n*lines*"
    assert bold("4.1", before="v", after=".2") == "\u200b*4.1*"
    assert bold("4.1", before="(", after="x") == "*4.1*\u200b"


def test_links():
    assert link("https://a.example/x|y>?a=1&b=<!here>", "message 1") == (
        "<https://a.example/x%7Cy%3E?a=1&amp;b=%3C!here%3E|message 1>"
    )
    assert link(None, "message 1") == link("javascript:x", "message 1") == "message 1"


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("https://x.slack.com/archives/C123/p1700000000123456", Permalink("C123", "1700000000.123456")),
        (
            "https://x-y.slack.com/archives/G9/p1700000000123456?thread_ts=1690000000.000100&cid=G9",
            Permalink("G9", "1700000000.123456", "1690000000.000100"),
        ),
        ("https://x.enterprise.slack.com/archives/D1/p1700000000123456/", Permalink("D1", "1700000000.123456")),
        ("https://x.slack.com/archives/C1/p1700000000123456?thread_ts=1", Permalink("C1", "1700000000.123456")),
        ("https://x.slack.com/archives/C1", None),
        ("https://x.slack.com/archives/c1/p1700000000123456", None),
        ("https://x.slack.com/archives/C1/p17000000001234567", None),
        ("https://x.slack.com/archives/C1/p١٧٠٠٠٠٠٠٠٠١٢٣٤٥٦", None),
        ("https://x.slack.com.evil.example/archives/C1/p1700000000123456", None),
        ("https://evilslack.com/archives/C1/p1700000000123456", None),
        ("http://x.slack.com/archives/C1/p1700000000123456", None),
        ("https://[", None),
        ("", None),
    ],
)
def test_permalinks(url, parts):
    assert permalink_parts(url) == parts


@settings(deadline=None)
@given(st.text())
def test_no_text_breaks_the_reading_of_permalinks(text):
    assert permalink_parts(text) is None


@pytest.mark.parametrize(
    "unit",
    [
        "<",
        "<@",
        "<@U1|",
        "&lt;",
        "`",
        "```",
        "```a\n",
        "https://a",
        "https://a.",
        "*",
        "@",
        "@here",
        "\u202e",
        "\u200d",
        "🏴\U000e0067",
        "> ",
        "_ ",
        "(",
    ],
)
def test_hostile_texts_take_no_longer_than_others(unit):
    text = unit * (100_000 // len(unit))
    start = time.process_time()
    read(text, NAMES), escape(text), prose(text), mentioned(text), permalink_parts(text)
    assert time.process_time() - start < 5
