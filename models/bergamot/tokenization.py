"""The students' tokenizer: SentencePiece's unigram segmentation, in the `tokenizers` library."""

from __future__ import annotations

from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, normalizers, pre_tokenizers, processors
from tokenizers.models import Unigram
from transformers import PreTrainedTokenizerFast

from models.bergamot.vocabulary import Vocabulary, read

SPACE, END, UNKNOWN, PADDING = "▁", "</s>", "<unk>", "<pad>"
SPELLED = Regex("<(?=/s>|unk>|pad>|0x[0-9A-F]{2}>)")
"""Where a text spells the name of a special token, which the segmentation would take for the token itself."""


class BergamotTokenizer(PreTrainedTokenizerFast):
    """Gives the ids that SentencePiece gives, then `</s>`; one id after the vocabulary's last is the padding's."""

    @classmethod
    def from_sentencepiece(cls, path: Path) -> BergamotTokenizer:
        """Build it from a `.spm` file. Raises `ModelUnavailable` where that is missing or damaged."""
        return cls(
            tokenizer_object=backend(read(path)),
            eos_token=END,
            unk_token=UNKNOWN,
            pad_token=PADDING,
            clean_up_tokenization_spaces=False,
            split_special_tokens=True,
        )


def backend(vocabulary: Vocabulary) -> Tokenizer:
    """The `tokenizers` pipeline of a vocabulary: normalize, cut at spaces, segment, close with `</s>`."""
    pieces = [*vocabulary.pieces, (PADDING, 0.0)]
    tokenizer = Tokenizer(Unigram(pieces, unk_id=vocabulary.unknown, byte_fallback=vocabulary.octets))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Precompiled(vocabulary.character_map),
            normalizers.Replace(SPELLED, "\ufffc"),  # a character that no vocabulary has, as "<" is none of theirs
            normalizers.Replace(Regex(" {2,}"), " "),
            normalizers.Replace(Regex("^ | $"), ""),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement=SPACE, prepend_scheme="always")
    spaces = decoders.Metaspace(replacement=SPACE, prepend_scheme="always")
    tokenizer.decoder = (
        decoders.Sequence([spaces, decoders.ByteFallback(), decoders.Fuse()]) if vocabulary.octets else spaces
    )
    tokenizer.add_special_tokens([AddedToken(name, normalized=False) for name in (END, UNKNOWN, PADDING)])
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"$A {END}", special_tokens=[(END, tokenizer.token_to_id(END))]
    )
    tokenizer.encode_special_tokens = True
    return tokenizer
