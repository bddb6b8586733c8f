"""A tiny encoder with random weights and a word-level vocabulary, built in memory."""

import pytest
import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertModel

from models.tasks.encoder import Encoder
from models.tasks.packed import PackedBert

WORDS = "[PAD] [UNK] [CLS] [SEP] the release broke we love it who fixed ana did thanks . ? : @ user http".split()


@pytest.fixture(scope="session")
def tiny_tokenizer():
    tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    return tokenizer


@pytest.fixture(scope="session")
def tiny_model():
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(WORDS),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=64,
    )
    return BertModel(config, add_pooling_layer=False).eval().requires_grad_(False)


@pytest.fixture
def tiny_encoder(tiny_model, tiny_tokenizer):
    return Encoder(PackedBert(tiny_model), tiny_tokenizer)
