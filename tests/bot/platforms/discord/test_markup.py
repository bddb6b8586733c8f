import re
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.platforms.discord.markup import (
    Permalink,
    bold,
    channel_mentioned,
    escape,
    link,
    linked,
    mentioned,
    permalink_parts,
    prose,
    read,
)
from bot.platforms.splitting import split

from .drawn import drawn, kinds

NAMES = {"1": "Maya <Ops>", "2": "releases", "3": "oncall"}
J = "\u2060"
HERE = "https://discord.com/channels/11/22/33"
HOSTILE = st.lists(
    st.one_of(
        st.sampled_from(["<@1>", "<@!1>", "<@&3>", "<#2>", "<:x:1>", "<t:1>", "</x:1>", "<id:browse>", "@everyone", "@Here"])
        | st.sampled_from(["@\u200bhere", "@\u202eeveryone", "[", "](", "]", ")", "x](https://evil.example)"])
        | st.sampled_from(
            ["https://a.example/x", "https://", "https://c.example/@here**b", "steam://run", "<https://a.example>"]
        )
        | st.sampled_from(
            ["*", "**", "_", "__", "~~", "||", "`", "```", "```py\n", "\\", "\n", " ", "\t", "> ", ">>> ", "# "]
        )
        | st.sampled_from(["-# ", "- ", "1. ", "+ ", "e", "\u200d", "\u2066", "\ud800", "\x00", "\u2028"]),
        st.text(max_size=4),
    )
).map("".join)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("a *b* c", "italic"),
        ("_b_", "italic"),
        ("a__b__c", "underlined"),
        ("~~b~~", "struck"),
        ("||b||", "spoiler"),
        ("x\n - b", "list"),
        ("1. b", "list"),
        ("# b", "heading"),
        ("-# b", "subtext"),
        ("> b", "quote"),
        ("`b`", "code"),
        ("[b](https://a.example)", "masked"),
        ("<@1>", "token"),
        ("@here", "ping"),
        ("https://a.example", "naked"),
    ],
)
def test_these_tests_know_markdown_when_they_see_it(text, kind):
    assert kind in kinds(text)
    assert kinds(escape(text)) <= {"address"}


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("<@1>, <@!1> and <@8>", "@Maya <Ops>, @Maya <Ops> and @8"),
        ("<#2> <#9> <@&3> <@&9>", "#releases #9 @oncall @9"),
        ("<:party_blob:123> <a:wave:123> :tada:", ":party_blob: :wave: :tada:"),
        ("</parley ask:123> </help:1>", "/parley ask /help"),
        ("<t:1618953630> <t:1618953630:F> <t:1618953630:R>", " ".join(["2021-04-20 21:20 UTC"] * 3)),
        ("<t:1618953630:t> <t:1618953630:T> <t:1618953630:d> <t:-1:D>", "21:20 UTC 21:20:30 UTC 2021-04-20 1969-12-31"),
        ("<t:99999999999999999> <t:x>", "<t:99999999999999999> <t:x>"),
        ("[the notes](https://a.example/x_(y))", "the notes (https://a.example/x_(y))"),
        ('[the notes](<https://a.example> "title")', "the notes (https://a.example)"),
        ("[https://bank.example](https://evil.example)", "https://bank.example (https://evil.example)"),
        ("<https://a.example/x> [https://a.example](https://a.example)", "https://a.example/x https://a.example"),
        ("[no link](javascript:x) [] ()", "[no link](javascript:x) [] ()"),
        (r"\*plain\* \<@1> \\ \[x](https://a.example)", r"*plain* <@1> \ [x](https://a.example)"),
        (r"C:\temp \1", r"C:\temp \1"),
        (r"**bold** `\*<@1>` ~~no~~", r"**bold** `\*<@1>` ~~no~~"),
        ("```py\n\\. <@1>\n``` <@1>", "```py\n\\. <@1>\n``` @Maya <Ops>"),
        ("@everyone 2 < 3 <x> <@> <@x>", "@everyone 2 < 3 <x> <@> <@x>"),
        ("", ""),
    ],
)
def test_reading(text, seen):
    assert read(text, NAMES) == seen


def test_who_and_what_is_mentioned():
    assert mentioned("<@1> <@!2>: <@1> <#3> <@&4> <@x> <@٣>") == ["1", "2"]
    assert channel_mentioned("in <@1> <#3> and <#4>") == "3"
    assert channel_mentioned("in #general") is None


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("*b* __i__ ~s~ `c` ||d||", r"\*b\* \_\_i\_\_ \~s\~ \`c\` \|\|d\|\|"),
        ("a_b 2*3 ¯\\_(ツ)_/¯", r"a\_b 2\*3 ¯\\\_(ツ)\_/¯"),
        ("# a\n-# b\n - c\n1. d\n+ e\n> f\n>>> g", "\\# a\n-\\# b\n \\- c\n1\\. d\n\\+ e\n\\> f\n\\>\\>\\> g"),
        ("#general, -5, v4.1 and a-b", "#general, -5, v4.1 and a-b"),
        ("<@1> <@!1> <@&3> <#2>", rf"\<@{J}1\> \<@{J}!1\> \<@{J}&3\> \<#2\>"),
        ("<:x:1> <t:1> </x:1>", r"\<:x:1\> \<t:1\> \</x:1\>"),
        ("@everyone, @Here, @HERE me@a.example", f"@{J}everyone, @{J}Here, @{J}HERE me@a.example"),
        ("@\u200bhere @\u202dhere @\u00adhere", " ".join([f"@{J}here"] * 3)),
        ("[x](https://evil.example)", r"\[x\]\(<https://evil.example>)"),
        ("see https://a.example/b_(c)?d=_e_&f, ok", "see <https://a.example/b_(c)?d=_e_&f>, ok"),
        ("(https://a.example/x). xHTTPS://a.example", "(<https://a.example/x>). x<HTTPS://a.example>"),
        ("https:// https://* steam://run/1", r"https\:// https\://\* steam\://run/1"),
        ("**https://a.example**", r"\*\*<https://a.example>\*\*"),
        ("https://a.example|https://b.example", r"<https://a.example>\|<https://b.example>"),
        ("<https://a.example>", r"\<<https://a.example>\>"),
        ("https://a.example/@here/x**y", "<https://a.example/%40here/x%2A%2Ay>"),
        ("https://a.example/x[0](https://b.example)", "<https://a.example/x[0%5D(https://b.example)>"),
        ("https://a.example/f(x y", "<https://a.example/f(x> y"),
        ("\u202ehttps://a.example/gpj.exe", "<https://a.example/gpj.exe>"),
        ("https://bank.example\u200d.evil.example", "<https://bank.example.evil.example>"),
        ("👨‍👩‍👧 ❤️ 1️⃣ 🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", None),
        ("می‌خواهم क्‍ष", None),
        ("a\r\nb\u2028c\x00\x1b[31m\td", "a\nb\nc\\[31m\td"),
        ("a\ud800b", "a\ufffdb"),
        (":tada:", None),
    ],
)
def test_writing(text, written):
    assert escape(text) == (text if written is None else written)


def test_a_very_long_address_is_no_link():
    written = escape("https://a.example/_" + "x" * 2000 + "@here")
    assert written == r"https\://a.example/\_" + "x" * 2000 + f"@{J}here"


@settings(deadline=None)
@given(HOSTILE)
@example("\\" + "*a*")
@example("- \\\n- ")
def test_nothing_written_is_marked_notifies_anybody_or_hides_anything(text):
    for written, allowed in ((escape(text), {"address"}), (prose(text), {"address", "code", "block"})):
        assert kinds(written) <= allowed
        assert all(inner.startswith(("https://", "http://")) for kind, inner in drawn(written) if kind == "address")
        assert not re.search("@(?:everyone|here)", written.lower())
        assert not mentioned(written)
        assert not set(written) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\ufeff\x00\x1b")
        written.encode()


@settings(deadline=None)
@given(HOSTILE.filter(lambda text: "://" not in text), st.integers(16, 40))
@example("x" * 30 + " # y - z 1. a > b", 31)
@example("*" * 60, 17)
def test_nothing_is_marked_in_the_parts_of_a_long_text_either(text, limit):
    assert not set().union(*map(kinds, split(escape(text), limit)))


@settings(deadline=None)
@given(HOSTILE.map(escape))
def test_our_own_markup_holds_whatever_stands_beside_it(words):
    line = " ".join(words.split()) or "?"
    ours = [one for one in drawn(f"{line} **Maya**: {link(HERE, 'message 1')} {line}") if one[0] != "address"]
    assert ours == [("bold", "Maya"), ("masked", "message 1")]


@settings(deadline=None)
@given(HOSTILE.map(escape))
def test_words_are_bold_as_a_whole(words):
    line = " ".join(words.split()) or "?"
    [(kind, inner), *more] = drawn(bold(line))
    assert (kind, inner, more) == ("bold", line, [])
    assert kinds(inner) <= {"address"}


@settings(deadline=None)
@given(st.text(alphabet="ab1 <>&|@!#/.*_~`[]()\\-+=\n", max_size=60))
def test_what_is_written_reads_as_it_was(text):
    assert read(escape(text), {}).replace(J, "") == text


def test_code_stays_code():
    assert prose("run `a_b --to *` or\n```python\nx < `1` # @here <@1> *a*\n```\n*now*") == (
        f"run `a_b --to *` or\n```python\nx < `1` # @{J}here <@{J}1> *a*\n```\n\\*now\\*"
    )


def test_a_language_that_discord_would_show_as_code_goes():
    assert prose("```c#\nint x;\n```") == "```\nint x;\n```"
    assert prose("```one word```") == "```\none word\n```"


@pytest.mark.parametrize("text", ["``` <@1> *a*", "``````", "` `", "```\n \n```", "`\n`"])
def test_code_that_never_ends_or_holds_nothing_is_none(text):
    assert prose(text) == escape(text)


def test_bold_goes_line_by_line_and_around_spaces():
    assert bold(" two \n\nlines") == " **two** \n\n**lines**"
    assert bold("4.1", before="v", after=".2") == "**4.1**"
    assert bold("") == ""


@settings(deadline=None)
@given(HOSTILE.filter(lambda text: "://" not in text), st.integers(0, 20), st.integers(0, 5))
@example("@everyone", 1, 0)
@example("<@1>", 1, 0)
@example("1. x", 1, 0)
def test_bold_within_a_text_makes_nothing_of_its_halves(text, start, length):
    before, telling, after = text[:start], text[start : start + length], text[start + length :]
    written = escape(before) + bold(escape(telling), before=before, after=after) + escape(after)
    assert kinds(written) <= {"bold"}


def test_links():
    assert link("https://a.example/x|y>(z)?a=[1]&b=<@1> **\n", "message 1") == (
        "[message 1](https://a.example/x%7Cy%3E%28z%29?a=%5B1%5D&b=%3C@1%3E%20%2A%2A%0A)"
    )
    assert link(HERE, "message 1") == f"[message 1]({HERE})"
    assert link(None, "message 1") == link("javascript:x", "message 1") == "message 1"


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("https://discord.com/channels/11/22/33", Permalink("11", "22", "33")),
        ("https://discord.com/channels/11/22", Permalink("11", "22")),
        ("https://discord.com/channels/@me/22/33/", Permalink(None, "22", "33")),
        (" https://ptb.discord.com/channels/11/22/33?a=b#c ", Permalink("11", "22", "33")),
        ("HTTPS://Canary.DiscordApp.com/channels/11/22/", Permalink("11", "22")),
        ("https://discord.com/channels/11", None),
        ("https://discord.com/channels/@you/22/33", None),
        ("https://discord.com/channels/11/22/33/44", None),
        ("https://discord.com/channels/11/22/" + "3" * 21, None),
        ("https://discord.com/channels/11/22/٣٣", None),
        ("https://discord.com/channels/11/22x", None),
        ("https://discord.com.evil.example/channels/11/22/33", None),
        ("https://discord.com@evil.example/channels/11/22/33", None),
        ("https://evil-discord.com/channels/11/22/33", None),
        ("https://evil.discord.com/channels/11/22/33", None),
        ("http://discord.com/channels/11/22/33", None),
        ("x https://discord.com/channels/11/22/33", None),
        ("", None),
    ],
)
def test_permalinks(url, parts):
    assert permalink_parts(url) == parts


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (f"what does <{HERE}> say? And {HERE}4?", Permalink("11", "22", "33")),
        (f"[this]({HERE}).", Permalink("11", "22", "33")),
        (f"{HERE}. That one", Permalink("11", "22", "33")),
        ("https://discord.com/channels/11/22, please", Permalink("11", "22")),
        ("https://a.example/https://discord.com/channels/11/22", None),
        ("https://discord.com/channels/11/22/33/44", None),
        ("nothing", None),
    ],
)
def test_the_first_permalink_of_a_text(text, parts):
    assert linked(text) == parts


@settings(deadline=None)
@given(st.text())
def test_no_text_breaks_the_reading_of_permalinks(text):
    assert permalink_parts(text) is linked(text) is None


@pytest.mark.parametrize(
    "unit",
    [
        "<",
        "<@",
        "<@1",
        "</x",
        "<t:1",
        "`",
        "``",
        "```",
        "```a\n",
        "```a",
        "`a",
        "[",
        "[a",
        "[a](",
        "[a](https://a",
        "](",
        "https://a",
        "https://a.",
        "https://a(",
        "https://a(b",
        "https://discord.com/channels/1/",
        "*",
        "\\",
        "@",
        "@here",
        "\u202e",
        "\u200d",
        "> ",
        "- ",
        "1. ",
        "1",
        "    ",
        "\n ",
        "(",
        "x",
    ],
)
@pytest.mark.parametrize("start", ["", "https://a.example/"])
def test_hostile_texts_take_no_longer_than_others(unit, start):
    text = start + unit * (10_000 // len(unit))
    begun = time.process_time()
    read(text, NAMES), escape(text), prose(text), mentioned(text), linked(text), permalink_parts(text), bold(text)
    assert time.process_time() - begun < 0.5
