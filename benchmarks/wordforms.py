"""Do the forms of a word meet in one term? Ours beside Snowball's stems.

    python -m benchmarks.wordforms --corpora DIR

Arabic: the nouns with article in the texts under DIR/ir whose bare form is there too, and forms of
verbs, each beside its noun. Indonesian and Turkish: forms of everyday words, each beside its root.
These verbs and roots were written down when the rules stood; those that the rules were made with
are not among them. Later rules were made for some of the Arabic verbs.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import Stemmer

from benchmarks import judged, tables
from kbgen_search.analysis import Analyzer
from kbgen_search.folding import fold, lower

Pair = tuple[str, str]
Terms = Callable[[str], Iterable[str]]
ARABIC = re.compile("[\u0621-\u0652]+")
ARTICLE, SHORTEST = "ال", 3
ARABIC_VERBS = """تحميل أحمل يحمل | تحديث أحدث يحدث | تفعيل أفعل يفعل فعل | تعديل أعدل يعدل عدل
تنزيل أنزل ينزل نزل | تثبيت أثبت يثبت ثبت | تعطيل أعطل يعطل | طلب أطلب يطلب اطلب مطلوب
دفع أدفع يدفع ادفع مدفوع | نقل أنقل ينقل انقل منقول | حفظ أحفظ يحفظ احفظ محفوظ
ربط أربط يربط اربط مربوط | إغلاق أغلق يغلق | إدخال أدخل يدخل | إكمال أكمل يكمل
استرجاع أسترجع يسترجع | استبدال أستبدل يستبدل | انتقال أنتقل ينتقل | استلام أستلم يستلم
اختيار أختار يختار اختر | كتابة أكتب يكتب اكتب مكتوب | طباعة أطبع يطبع اطبع مطبوع
قراءة أقرأ يقرأ | إضافة أضيف يضيف | شراء أشتري يشتري | مراجعة أراجع يراجع راجع
مشاهدة أشاهد يشاهد شاهد | تصفح أتصفح يتصفح | بحث أبحث يبحث ابحث | إنشاء أنشئ ينشئ
عرض أعرض يعرض اعرض | إيقاف أوقف يوقف | تأكيد أؤكد يؤكد"""

INDONESIAN = """berita pemberitaan beritanya | belajar mempelajari pelajaran pembelajaran
tentu menentukan ditentukan penentuan ketentuan | tonton menonton ditonton tontonan
kumpul mengumpulkan dikumpulkan pengumpulan kumpulan | muat memuat dimuat muatan pemuatan
minta meminta diminta permintaan | mulai memulai dimulai permulaan
nilai menilai dinilai penilaian | selesai menyelesaikan diselesaikan penyelesaian
kontrol mengontrol dikontrol pengontrolan | tetap menetapkan ditetapkan penetapan ketetapan
pisah memisahkan dipisahkan pemisahan terpisah | tanda menandai ditandai penandaan
kosong mengosongkan dikosongkan pengosongan | percaya mempercayai dipercaya kepercayaan
pelihara memelihara dipelihara pemeliharaan | tempel menempel ditempel tempelan penempelan
ketik mengetik diketik ketikan pengetikan | rusak merusak dirusak kerusakan
tangguh menangguhkan ditangguhkan penangguhan | teruskan meneruskan diteruskan
putus memutuskan diputuskan pemutusan terputus | kait mengaitkan dikaitkan kaitan pengaitan
beri memberikan diberikan pemberian | perlu memerlukan diperlukan keperluan
tingkat meningkatkan ditingkatkan peningkatan tingkatan | klaim mengklaim diklaim klaimnya"""

TURKISH = """başvuru başvurular başvuruyu başvuruya başvurunuz başvurusu
sözleşme sözleşmeler sözleşmeyi sözleşmeye sözleşmeniz sözleşmesi
garanti garantiler garantiyi garantiye garantiniz garantisi
gönderi gönderiler gönderiyi gönderiye gönderiniz gönderisi
kampanya kampanyalar kampanyayı kampanyaya kampanyanız kampanyası
bakiye bakiyeler bakiyeyi bakiyeye bakiyeniz bakiyesi
ilan ilanlar ilanı ilana ilanınız ilanı
yorum yorumlar yorumu yoruma yorumunuz yorumu
hizmet hizmetler hizmeti hizmete hizmetiniz hizmeti
mağaza mağazalar mağazayı mağazaya mağazanız mağazası
numara numaralar numarayı numaraya numaranız numarası
belge belgeler belgeyi belgeye belgeniz belgesi
sayfa sayfalar sayfayı sayfaya sayfanız sayfası
düğme düğmeler düğmeyi düğmeye düğmeniz düğmesi
pencere pencereler pencereyi pencereye pencereniz penceresi
sürüm sürümler sürümü sürüme sürümünüz sürümü
rapor raporlar raporu rapora raporunuz raporu
tablo tablolar tabloyu tabloya tablonuz tablosu
etkinlik etkinlikler etkinliği etkinliğe etkinliğiniz etkinliği
doğrulama doğrulamalar doğrulamayı doğrulamaya doğrulamanız doğrulaması"""


def forms(families: str) -> Iterator[Pair]:
    """Yield each root with each of its forms."""
    for family in re.split(r"[|\n]", families):
        root, *others = family.split()
        yield from ((root, form) for form in others)


def arabic(corpora: Path) -> Iterator[Pair]:
    """Yield each bare noun of the judged texts with its form with article."""
    sets = [one for one in judged.collections(corpora / "ir") if one.lang == "ar"]
    texts = (f"{doc.title} {doc.text}" for one in sets for doc in one.docs)
    words = {lower(word) for text in texts for word in ARABIC.findall(text)}
    for word in sorted(words):
        if len(word) >= SHORTEST and ARTICLE + word in words:
            yield word, ARTICLE + word


def snowball(name: str) -> Terms:
    """Return the terms that Snowball alone gives: the stem, and that of the unaccented form."""
    stem = Stemmer.Stemmer(name).stemWord
    return lambda word: {fold(stem(word)), fold(stem(fold(word)))}


def share(pairs: Sequence[Pair], terms: Terms) -> float:
    """Return the share of pairs that have a term in common."""
    return sum(bool(set(terms(one)) & set(terms(other))) for one, other in pairs) / len(pairs)


def main() -> None:
    """Print the shares of both, language by language."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpora", type=Path, required=True, help="folder that holds ir/")
    corpora = parser.parse_args().corpora
    found = {
        "ar arabic": list(arabic(corpora)),
        "ar arabic, verbs": list(forms(ARABIC_VERBS)),
        "id indonesian": list(forms(INDONESIAN)),
        "tr turkish": list(forms(TURKISH)),
    }
    rows = []
    for label, pairs in found.items():
        code, name = label.split(" ", 1)
        known = snowball(name.split(",")[0])
        ours, theirs = (share(pairs, terms) for terms in (Analyzer(code).terms, known))
        rows.append((name, len(pairs), ours, theirs, ours / theirs if theirs else None))
    print(tables.table(("forms that meet", "pairs", "kbgen", "Snowball", "ratio"), rows))


if __name__ == "__main__":
    main()
