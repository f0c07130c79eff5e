from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbgen_search import tokens
from kbgen_search.analysis import Analyzer
from kbgen_search.folding import fold, lower

VECTORS = sorted((Path(__file__).parent / "vectors").glob("*.tsv"))


def vectors(path: Path) -> list[list[str]]:
    return [line.split("\t") for line in path.read_text("utf-8").splitlines()]


def terms(locale: str, text: str) -> list[str]:
    return [" ".join(word.terms + word.extra) for word in Analyzer(locale).words(text)]


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_words_have_the_terms_of_the_shared_vectors(path: Path) -> None:
    found = vectors(path)
    analyzer = Analyzer(path.stem)
    assert len(found) >= 2000
    for text, expected in found:
        got = " ".join(" ".join(word.terms + word.extra) for word in analyzer.words(text))
        assert got == expected, text


def test_all_named_languages_have_vectors() -> None:
    assert {path.stem for path in VECTORS} == set(
        "ar de en es fr id it ja ko nl pt ru th tr zh".split()  # noqa: SIM905
    )


@pytest.mark.parametrize(
    ("locale", "one", "other"),
    [
        ("en", "renaming", "renames"),
        ("en", "don't", "dont"),
        ("en", "user’s", "users"),
        ("en", "e-mail", "email"),
        ("es", "información", "informaciones"),
        ("es", "información", "informacion"),
        ("fr", "l'informations", "information"),
        ("de", "Häuser", "Haus"),
        ("pt-BR", "informação", "informacao"),
        ("ru", "статьи", "статья"),
        ("ru", "ещё", "еще"),
        ("ar", "المدرسة", "مدرسه"),
        ("ar", "مُدَرِّس", "مدرس"),
        ("ar", "الفاتورة", "فاتورة"),
        ("ar", "البريد", "بريد"),
        ("ar", "والوثائق", "وثائق"),
        ("ar", "للباقة", "باقة"),
        ("ar", "وبالبطاقة", "بطاقة"),
        ("ar", "وكلمة", "كلمة"),
        ("ar", "لفيديو", "الفيديو"),
        ("ar", "بحسابك", "حساب"),
        ("ar", "كلمتك", "كلمة"),
        ("ar", "رسالتي", "رسالة"),
        ("ar", "لإلغاء", "الغاء"),
        ("ar", "إلكتروني", "الالكتروني"),
        ("ar", "أحذف", "الحذف"),
        ("ar", "أسجل", "التسجيل"),
        ("ar", "يرسل", "إرسال"),
        ("ar", "ألغي", "إلغاء"),
        ("ar", "محذوف", "حذف"),
        ("ar", "أساهم", "المساهمة"),
        ("ar", "أتواصل", "تواصل"),
        ("ar", "أتحقق", "التحقق"),
        ("ar", "أستخدم", "استخدام"),
        ("ar", "يشترك", "الاشتراك"),
        ("ar", "أسعار", "سعر"),
        ("ar", "أضيف", "الإضافة"),
        ("ar", "أختار", "الاختيار"),
        ("ar", "يلغي", "إلغاء"),
        ("ar", "أكتب", "كتابة"),
        ("tr", "kitaplarım", "kitap"),
        ("tr", "fatura", "faturalar"),
        ("tr", "faturası", "fatura"),
        ("tr", "hatalarınız", "hata"),
        ("tr", "kullanıcıya", "kullanıcı"),
        ("tr", "ürünün", "ürün"),
        ("tr", "FATURANIZ", "fatura"),
        ("id", "membaca", "bacaan"),
        ("id", "pengiriman", "kirim"),
        ("id", "menulis", "tulis"),
        ("id", "memasukkan", "masuk"),
        ("id", "memakai", "pemakaian"),
        ("id", "pesananmu", "pesan"),
        ("id", "pengembalian", "kembali"),
        ("id", "diterima", "terima"),
        ("id", "penyelesaian", "selesai"),
        ("id", "diperiksa", "periksa"),
        ("nl", "boeken", "boek"),
        ("it", "dell'informazione", "informazioni"),
        ("ja", "ﾊﾟｽﾜｰﾄﾞ", "パスワード"),
        ("en", "ＦＵＬＬ", "full"),
    ],
)
def test_writings_of_one_word_share_a_term(locale: str, one: str, other: str) -> None:
    analyzer = Analyzer(locale)
    first = {t for word in analyzer.words(one) for t in (*word.terms, word.whole)}
    second = {t for word in analyzer.words(other) for t in (*word.terms, word.whole)}
    assert (first & second) - {""}


def test_indonesian_words_that_look_alike_stay_apart() -> None:
    analyzer = Analyzer("id")
    for one, other in (("pesan", "pasang"), ("terima", "lima"), ("kembali", "beli")):
        assert not set(analyzer.terms(one)) & set(analyzer.terms(other))


@pytest.mark.parametrize(
    ("one", "other"), [("اشتراك", "شارك"), ("إلغاء", "غاية"), ("مكان", "مكة"), ("وقت", "قتال")]
)
def test_arabic_words_that_look_alike_stay_apart(one: str, other: str) -> None:
    analyzer = Analyzer("ar")
    assert not set(analyzer.terms(one)) & set(analyzer.terms(other))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("getUserName", ["get", "user", "name"]),
        ("HTTPServer", ["http", "server"]),
        ("snake_case", ["snake", "case"]),
        ("numpy.array", ["numpi", "array"]),
        ("--dry-run", ["dri", "run"]),
        ("E1234", ["e", "1234"]),
        ("v2.7.4", ["2.7.4"]),
        ("FastAPIを使う", ["fast", "api", "を使", "使う"]),
        ("猫", ["猫"]),
    ],
)
def test_identifiers_are_split(text: str, expected: list[str]) -> None:
    assert [word.terms[0] for word in Analyzer("en").words(text)] == expected


def test_identifiers_keep_their_whole_and_versions_their_beginning() -> None:
    analyzer = Analyzer("en")
    assert [word.extra for word in analyzer.words("--dry-run")] == [("--dry-run",), ()]
    assert [word.whole for word in analyzer.words("numpy.array")] == ["numpy.array"] * 2
    assert [word.extra for word in analyzer.words("2.7.4")] == [("2.7",)]


def test_places_are_those_of_the_words_in_the_text() -> None:
    text = "Don't use numpy.array or 東京都, please."
    found = [text[word.start : word.end] for word in Analyzer("en").words(text)]
    assert found == ["Don't", "use", "numpy", "array", "or", "東京", "京都", "please"]


def test_no_word_keeps_spaces_or_line_ends() -> None:
    odd = "".join(map(chr, range(0x20, 0x3000))) + "ﷺ"
    for word in Analyzer("en").words(" ".join(odd)):
        assert not any(term.split() != [term] for term in word.terms)


def test_function_words_are_known_however_they_are_written() -> None:
    analyzer = Analyzer("es")
    assert analyzer.is_stop("cómo")
    assert analyzer.is_stop("como")
    assert not analyzer.is_stop("contraseña")


def test_folding_keeps_letters_that_are_not_accented_ones() -> None:
    assert fold(lower("Йод Ёж")) == "йодеж"
    assert fold(lower("が")) == "が"
    assert fold(lower("STRASSE")) == fold(lower("Straße"))
    assert lower("İIıi", turkish=True) == "iııi"


@pytest.mark.parametrize("turkish", [False, True])
def test_scripts_without_spaces_have_nothing_to_fold(turkish: bool) -> None:
    signs = (chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000)
    seamless = [sign for sign in signs if tokens.is_seamless(sign)]
    assert len(seamless) > 100_000
    for one, two in zip(seamless, seamless[1:] + seamless[:1], strict=True):
        text = lower(one + two + one, turkish)
        assert fold(text) == text


def test_names_within_dotted_ones_are_terms() -> None:
    terms = {t for word in Analyzer("en").words("api.v2Client.get_user()") for t in word.extra}
    assert terms == {"api.v2client.getuser", "v2client", "getus"}


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_terms_begin_as_they_are_foretold(path: Path) -> None:
    analyzer = Analyzer(path.stem)
    for line in path.read_text("utf-8").splitlines():
        for piece in line.split("\t")[0].split():
            if letter := analyzer.initial(piece):
                assert [word.terms[0][0] for word in analyzer.words(piece)] == [letter], piece


@given(st.text("aB1.-_'’:日本ゴé ا", max_size=24))
def test_an_index_gets_of_a_chunk_what_its_words_have(text: str) -> None:
    analyzer = Analyzer("en")
    for chunk in tokens.CHUNK.findall(text):
        words, entry = analyzer.chunk(chunk), analyzer.entry(chunk)
        assert entry.length == len(words)
        assert set(entry.written) == {w for word in words for w in (word.surface, word.whole)} - {
            ""
        }
        found = [(at, one) for at, word in enumerate(words) for one in word.terms + word.extra]
        assert sorted(entry.terms) == sorted(found)
