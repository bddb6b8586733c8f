from models.bench.batches import by_length


def test_the_shortest_go_together_and_answers_keep_the_order():
    seen = []

    def run(batch):
        seen.append(batch)
        return [text.upper() for text in batch]

    assert by_length(["ccc", "a", "bbbb", "dd", "e"], len, run, size=2) == ["CCC", "A", "BBBB", "DD", "E"]
    assert seen == [["a", "e"], ["dd", "ccc"], ["bbbb"]]
