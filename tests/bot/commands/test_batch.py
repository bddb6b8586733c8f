import asyncio
import io
import json
from contextlib import asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from bot.commands import batch
from bot.commands.batch import Batch, in_order, parsed, printed
from bot.commands.rows import RowRefused, Task
from bot.settings import Settings
from bot.wording import sentence
from models.types import Overloaded


async def stream(items):
    for item in items:
        yield item


async def results(items, work, **options):
    written = []

    async def write(rows):
        written.extend(rows)

    await in_order(stream(items), work, write, **options)
    return written


async def test_results_come_in_the_order_of_the_lines_whatever_finishes_first():
    gates = [asyncio.Event() for _ in range(3)]

    async def work(number, line):
        if number < 3:
            await gates[number].wait()
        gates[number - 1].set()
        return {"line": number, "text": line.decode()}

    written = await results([b"a", b"b", b"c"], work)
    assert written == [{"line": 1, "text": "a"}, {"line": 2, "text": "b"}, {"line": 3, "text": "c"}]


async def test_lines_without_a_result_are_left_out_but_counted():
    async def work(number, line):
        return {"line": number} if line else None

    assert await results([b"a", b"", b"c"], work) == [{"line": 1}, {"line": 3}]


async def test_no_more_lines_are_read_than_the_window_holds():
    begun, most, gate = 0, 0, asyncio.Event()

    async def endless():
        nonlocal begun
        while begun < 50:
            begun += 1
            yield b"x"
        gate.set()

    async def work(number, line):
        return {"line": number}

    async def write(rows):
        nonlocal most
        most = max(most, begun - rows[0]["line"] + 1)
        await asyncio.sleep(0)

    await in_order(endless(), work, write, window=4)
    assert begun == 50
    assert 1 < most <= 4


async def test_the_first_result_is_written_before_the_input_ends():
    written = asyncio.Event()

    async def source():
        yield b"first"
        await written.wait()

    async def work(number, line):
        return {}

    async def write(rows):
        written.set()

    await in_order(source(), work, write)


async def test_many_lines_are_worked_on_at_once():
    together = asyncio.Barrier(8)

    async def work(number, line):
        await together.wait()
        return {"line": number}

    assert len(await results([b"x"] * 8, work, window=8)) == 8


async def test_a_reader_that_leaves_ends_it_all():
    left = asyncio.Event()

    async def endless():
        yield b"x"
        await left.wait()

    async def work(number, line):
        return {}

    async def write(rows):
        raise BrokenPipeError

    with pytest.raises(ExceptionGroup) as caught:
        await in_order(endless(), work, write)
    assert caught.group_contains(BrokenPipeError)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (None, "The line is longer than 4 MiB."),
        (b"\xff", "The line is not UTF-8."),
        (b"{", "The line is not valid JSON at column 2."),
        (b'{"text": "a"} extra', "The line is not valid JSON at column 15."),
        (b'{"text": NaN}', "The line is not valid JSON: NaN is not a number."),
        (b'{"score": -Infinity}', "The line is not valid JSON: -Infinity is not a number."),
        (b'{"score": 1e999}', "The line holds a number or a nesting that is too large to read."),
        (b'{"id": ' + b"9" * 5000 + b"}", "The line holds a number or a nesting that is too large to read."),
        (b'{"a": ' * 100_000, "The line holds a number or a nesting that is too large to read."),
        (b'["text"]', 'The line must be a JSON object such as {"text": "Hello"}.'),
        (b"null", 'The line must be a JSON object such as {"text": "Hello"}.'),
    ],
)
def test_a_line_that_is_no_object_is_refused_in_one_sentence(line, words):
    with pytest.raises(RowRefused) as caught:
        parsed(line)
    assert str(caught.value) == words


def test_a_byte_order_mark_is_no_part_of_the_row():
    assert parsed(b'\xef\xbb\xbf{"id": 1}') == {"id": 1}


scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
json_values = scalars | st.lists(scalars) | st.dictionaries(st.text(), scalars)


@given(st.dictionaries(st.text(), json_values))
def test_rows_pass_through_untouched(row):
    assert parsed(printed(row).removesuffix(b"\n")) == row
    assert printed(row).count(b"\n") == 1


def test_a_lone_surrogate_that_passes_through_stays_valid_json():
    row = json.loads(r'{"id": "\ud83d", "text": "olá"}')
    assert json.loads(printed(row).decode()) == row


def task(run, *reads):
    return Task(frozenset(reads), run)


async def double(parley, fields):
    return {"doubled": fields.text("text") * 2, "id": "theirs"}


async def refuse(parley, fields):
    raise Overloaded


async def break_down(parley, fields):
    raise ZeroDivisionError("secret text")


async def test_results_win_over_fields_of_the_same_name_and_others_pass_through():
    run = Batch(task(double, "text"), None, pytest.fail)
    row = {"text": "ab", "id": "ours", "tags": [1, {"b": None}]}
    assert await run.work(1, printed(row)) == {"doubled": "abab", "id": "theirs", "tags": [1, {"b": None}]}
    assert run.refused == 0


async def test_a_refused_line_is_an_error_with_its_number():
    run = Batch(task(double, "text"), None, pytest.fail)
    assert await run.work(7, b'{"id": 1}') == {"error": 'The field "text" is missing.', "line": 7}
    assert await run.work(8, b"nonsense") == {"error": "The line is not valid JSON at column 1.", "line": 8}
    assert run.refused == 2


async def test_a_blank_line_is_nothing():
    run = Batch(task(double, "text"), None, pytest.fail)
    assert [await run.work(1, line) for line in (b"", b"  \t")] == [None, None]
    assert run.refused == 0


async def test_an_engine_error_is_one_sentence():
    run = Batch(task(refuse), None, pytest.fail)
    assert await run.work(1, b"{}") == {"error": sentence(Overloaded()), "line": 1}


async def test_an_unforeseen_error_is_reported_and_worded_without_its_text():
    seen = []
    run = Batch(task(break_down), None, seen.append)
    row = await run.work(1, b"{}")
    assert "secret" not in row["error"]
    assert [type(error) for error in seen] == [ZeroDivisionError]


@pytest.fixture
def settings_used(monkeypatch):
    """Runs the command on a task that doubles texts; collects the settings that it starts Parley with."""
    used = []

    @asynccontextmanager
    async def running(settings):
        used.append(settings)
        yield None

    monkeypatch.setattr(batch, "running", running)
    monkeypatch.setattr(batch, "TASKS", {"double": task(double, "text")})
    return used


async def run(given, sink):
    return await batch.run(Settings(deadline=1.0, waiting=1), "double", io.BytesIO(given), sink, Console(file=io.StringIO()))


@pytest.mark.usefixtures("settings_used")
@pytest.mark.parametrize(
    ("given", "rows", "code"), [(b"", 0, 0), (b'{"text": "a"}\n\n{"text": "b"}', 2, 0), (b'{"text": "a"}\n[]\n', 2, 1)]
)
async def test_the_exit_code_tells_whether_a_line_was_refused(given, rows, code):
    sink = io.BytesIO()
    assert await run(given, sink) == code
    assert sink.getvalue().count(b"\n") == rows


@pytest.mark.usefixtures("settings_used")
async def test_a_closed_pipe_is_the_shells_own_code():
    class Closed(io.BytesIO):
        def write(self, data):
            raise BrokenPipeError

    assert await run(b'{"text": "a"}\n' * 1000, Closed()) == 141


async def test_rows_have_no_deadline_and_no_waiting_room_but_the_window(settings_used):
    await run(b"", io.BytesIO())
    (settings,) = settings_used
    assert settings.deadline > 10**6
    assert settings.waiting > 10**6
