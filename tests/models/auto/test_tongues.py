"""The language codes of each family, against the lists that transformers has of them."""

import pytest
from transformers.models.m2m_100.tokenization_m2m_100 import FAIRSEQ_LANGUAGE_CODES as M2M100
from transformers.models.mbart50.tokenization_mbart50 import FAIRSEQ_LANGUAGE_CODES as MBART50
from transformers.models.nllb.tokenization_nllb import FAIRSEQ_LANGUAGE_CODES as NLLB

from models.auto.tongues import FORCED, QUOTED, REGIONAL, TO, Tongues, codes, english, script

TABLE = """
en eng_Latn en_XX
pt por_Latn pt_XX
es spa_Latn es_XX
de deu_Latn de_DE
fr fra_Latn fr_XX
zh zho_Hans zh_CN
ja jpn_Jpan ja_XX
ko kor_Hang ko_KR
ar arb_Arab ar_AR
fa pes_Arab fa_IR
he heb_Hebr he_IL
hi hin_Deva hi_IN
sw swh_Latn sw_KE
uk ukr_Cyrl uk_UA
sr srp_Cyrl -
el ell_Grek -
no nob_Latn -
nn nno_Latn -
lv lvs_Latn lv_LV
et est_Latn et_EE
az azj_Latn az_AZ
uz uzn_Latn -
mn khk_Cyrl mn_MN
ne npi_Deva ne_NP
ms zsm_Latn -
mg plt_Latn -
or ory_Orya -
om gaz_Latn -
ps pbt_Arab ps_AF
qu quy_Latn -
ku kmr_Latn -
sq als_Latn -
yi ydd_Hebr -
tl tgl_Latn tl_XX
id ind_Latn id_ID
my mya_Mymr my_MM
"""

MEMBERS = {"ajp", "apc", "acm", "acq", "aeb", "ars", "ary", "arz", "azb", "ckb", "prs", "yue", "dik"}
"""Languages of NLLB's that belong to a greater one, and are asked for by their own codes."""


@pytest.fixture(scope="module")
def nllb():
    return Tongues(["<s>", "▁the", *NLLB], FORCED)


@pytest.fixture(scope="module")
def mbart():
    return Tongues(["<s>", "▁the", *MBART50], REGIONAL)


@pytest.mark.parametrize("row", TABLE.split("\n")[1:-1])
def test_the_codes_of_nllb_and_mbart(row, nllb, mbart):
    language, one, other = row.split()
    assert nllb.token(language) == one
    assert mbart.token(language) == (None if other == "-" else other)


@pytest.mark.parametrize("family", ["m2m100", "wmt21"])
def test_every_language_of_m2m100_has_its_token(family):
    known = Tongues([f"__{code}__" for code in M2M100[family]], FORCED)
    assert {code: known.token(code) for code in M2M100[family]} == {code: f"__{code}__" for code in M2M100[family]}


def test_m2m100_knows_one_norwegian_and_northern_sotho_by_its_old_code():
    known = Tongues([f"__{code}__" for code in M2M100["m2m100"]], FORCED)
    assert [known.token(code) for code in ("nb", "nn", "nso", "fil")] == ["__no__", "__no__", "__ns__", "__tl__"]


def test_every_language_of_nllb_can_be_asked_for_by_its_own_code(nllb):
    """By three letters, which is what the catalogue takes beside ISO 639-1; of two scripts it is one of them."""
    for token in NLLB:
        assert nllb.token(token[:3]).startswith(token[:3]), token


def test_every_token_of_mbart_belongs_to_one_language(mbart):
    assert {token: mbart.token(token.split("_")[0]) for token in MBART50} == {token: token for token in MBART50}


@pytest.mark.parametrize(
    ("tokens", "language", "token"),
    [
        ([">>por<<", ">>eng<<"], "pt", ">>por<<"),
        ([">>pt<<", ">>pt_br<<", ">>fr<<"], "pt", ">>pt<<"),
        ([">>pt_br<<", ">>fr<<"], "pt", ">>pt_br<<"),
        ([">>cmn<<", ">>cmn_Hans<<", ">>cmn_Hant<<", ">>yue<<"], "zh", ">>cmn<<"),
        ([">>cmn_Hant<<", ">>cmn_Hans<<"], "zh", ">>cmn_Hans<<"),
        ([">>srp_Latn<<", ">>srp_Cyrl<<"], "sr", ">>srp_Cyrl<<"),
        ([">>nob<<", ">>dan<<"], "no", ">>nob<<"),
        ([">>deu<<"], "pt", None),
        (["<2pt>", "pt"], "pt", None),
    ],
)
def test_targets_of_opus(tokens, language, token):
    assert Tongues(tokens, QUOTED).token(language) == token


@pytest.mark.parametrize(
    ("language", "token"),
    [("pt", "<2pt>"), ("zh", "<2zh>"), ("he", "<2iw>"), ("tl", "<2fil>"), ("jv", "<2jv>"), ("de", None)],
)
def test_targets_of_madlad(language, token):
    known = Tongues(["<2pt>", "<2zh>", "<2zh_Latn>", "<2iw>", "<2fil>", "<2jv>", "▁<2", "<s>"], TO)
    assert known.token(language) == token


def test_a_checkpoint_without_language_tokens_has_none():
    assert not Tongues(["<s>", "▁the", "en", "por"], FORCED)
    assert Tongues(["eng_Latn"], FORCED)


def test_codes_begin_with_the_language_itself():
    assert codes("zh")[0] == "zh"
    assert {"zho", "cmn"} <= set(codes("zh"))
    assert codes("ast") == ("ast",)


def test_scripts_and_names():
    assert [script(code) for code in ("pt", "zh", "ko", "sr")] == ["Latn", "Hans", "Hang", "Cyrl"]
    assert [english(code) for code in ("pt", "zh", "de", "ast")] == ["Portuguese", "Chinese", "German", "Asturian"]
