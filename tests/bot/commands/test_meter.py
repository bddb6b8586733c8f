import io

from rich.console import Console

from bot.commands.meter import meter


def screen(**options):
    return Console(file=io.StringIO(), width=80, highlight=False, **options)


def test_a_line_for_each_file_without_a_terminal():
    console = screen()
    with meter(console) as shown:
        shown.begin("config.json", 512)
        shown.advance(512)
        shown.begin("model.safetensors", 1_600_000_000, 400_000_000)
        shown.advance(1_200_000_000)
        shown.begin("model.safetensors", 1_600_000_000)  # verified
    assert console.file.getvalue().splitlines() == [
        "  config.json, 512 bytes",
        "  model.safetensors, 1.6 GB, 400.0 MB of them here already",
    ]


def test_a_bar_on_a_terminal():
    console = screen(force_terminal=True)
    with meter(console) as shown:
        shown.begin("model.safetensors", 2_000_000, 500_000)
        shown.advance(500_000)
    drawn = console.file.getvalue()
    assert "1.0/2.0 MB" in drawn
    assert "model.safetensors" in drawn
