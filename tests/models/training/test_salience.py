import argparse
import json

import numpy as np
import torch
from safetensors.torch import load_file

from models.tasks.salience import weigh
from models.training.salience import Head, planned, save, train


def test_a_plan_shows_everything_once_an_epoch():
    plan = planned(10, epochs=3, size=4, seed=1)
    assert sorted(i for batch in plan for i in batch) == sorted([*range(10)] * 3)
    assert plan == planned(10, epochs=3, size=4, seed=1)
    assert plan != planned(10, epochs=3, size=4, seed=2)


def test_training_learns_what_the_features_tell(tmp_path):
    torch.manual_seed(0)
    rows = [(seen := torch.randn(20, 20), (seen[:, -1] > 0).float()) for _ in range(20)]
    options = argparse.Namespace(seed=1, hidden=8, dropout=0.0, lr=2e-2, work=tmp_path)
    head = train(rows, planned(20, epochs=40, size=4, seed=1), options)
    with torch.inference_mode():
        right = torch.stack([((head(seen) > 0) == (target > 0.5)).float().mean() for seen, target in rows])
    assert right.mean() > 0.9


def test_a_saved_head_scores_as_the_trained_one_does(tmp_path):
    head = Head(20, hidden=8, dropout=0.5).eval()
    save(head, tmp_path)
    seen = torch.randn(5, 20)
    loaded = {name: tensor.float().numpy() for name, tensor in load_file(tmp_path / "head.safetensors").items()}
    with torch.inference_mode():
        np.testing.assert_allclose(weigh(seen.numpy(), loaded), head(seen).numpy(), atol=1e-2)
    assert set(json.loads((tmp_path / "config.json").read_text())["sha256"]) == {"head.safetensors"}
