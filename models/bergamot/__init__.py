"""The Bergamot students (Firefox Translations' models) as a transformers model class, read from their own files."""


def register() -> None:
    """Let `AutoConfig`, `AutoModelForSeq2SeqLM` and `AutoTokenizer` load what `save_pretrained` wrote."""
    from transformers import AutoConfig, AutoModelForSeq2SeqLM, AutoTokenizer

    from models.bergamot.configuration import BergamotConfig
    from models.bergamot.modeling import BergamotForConditionalGeneration
    from models.bergamot.tokenization import BergamotTokenizer

    AutoConfig.register(BergamotConfig.model_type, BergamotConfig, exist_ok=True)
    AutoModelForSeq2SeqLM.register(BergamotConfig, BergamotForConditionalGeneration, exist_ok=True)
    AutoTokenizer.register(BergamotConfig, tokenizer_class=BergamotTokenizer, exist_ok=True)
