import io
import math
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image

from bot.charts import SIZE, png
from handlers import curve
from handlers.conversation import Chart, Turning

DARK, LIGHT = "#313338", "#ffffff"  # Discord's windows
DOWN_AND_UP = curve.chart([-0.8] * 12 + [0.8] * 12)
LONG = curve.chart([random.Random(7).uniform(-1, 1) for _ in range(10_000)])
FULL = curve.chart([0.6 * math.sin(place / 4) + random.Random(place).uniform(-0.4, 0.4) for place in range(150)])
CHARTS = {
    "none": curve.chart([]),
    "unread": curve.chart([None] * 9),
    "one": curve.chart([0.5]),
    "gaps": curve.chart([None, -0.8] * 6 + [0.8, None] * 6),
    "turning": DOWN_AND_UP,
    "full": FULL,
    "long": LONG,
}


def opened(picture):
    return Image.open(io.BytesIO(picture))


def shown(picture, window):
    """The picture as it is seen in a window."""
    image = opened(picture).convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", image.size, window), image).convert("RGB")


def light(colour):
    """Relative luminance, as the Web's guidelines for contrast define it."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (c / 255 for c in colour)]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("chart", CHARTS.values(), ids=CHARTS)
def test_any_chart_is_a_small_picture_of_the_same_size(chart):
    picture = png(chart)
    assert opened(picture).format == "PNG"
    assert opened(picture).size == SIZE
    assert len(picture) < 60_000


@pytest.mark.parametrize("window", [DARK, LIGHT])
def test_words_stand_out_in_a_dark_and_in_a_light_window(window):
    image = shown(png(DOWN_AND_UP), window)
    margin = image.crop((10, 10, 84, SIZE[1] - 10))  # with the names of the levels
    levels = sorted(light(colour) for _, colour in margin.getcolors(maxcolors=1 << 16))
    assert (levels[-1] + 0.05) / (levels[0] + 0.05) > 7
    assert margin.getpixel((0, 0)) == image.getpixel((SIZE[0] // 2, 4))  # a card of its own


def test_where_the_mood_turns_is_marked():
    curved = Chart(DOWN_AND_UP.valence, DOWN_AND_UP.curve, (), "")
    turned = Chart(DOWN_AND_UP.valence, DOWN_AND_UP.curve, (Turning(12, "positive"),), "")
    assert png(curved) != png(turned) == png(DOWN_AND_UP)


def test_colours_tell_the_sides_apart():
    low, high = (shown(png(curve.chart([side] * 9)), DARK) for side in (-0.8, 0.8))
    middle = SIZE[0] // 2
    below, above = low.getpixel((middle, 170)), high.getpixel((middle, 100))
    assert below[0] > below[2] + 30  # amber
    assert above[2] > above[0] + 30  # blue


def test_the_same_chart_gives_the_same_picture_in_any_thread():
    with ThreadPoolExecutor(4) as pool:
        pictures = list(pool.map(png, [DOWN_AND_UP, FULL] * 4))
    assert set(pictures[::2]) == {png(DOWN_AND_UP)}
    assert set(pictures[1::2]) == {png(FULL)}


def test_matplotlib_waits_until_there_is_something_to_draw():
    loaded = "import sys, bot.charts; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", loaded], timeout=30).returncode == 0
