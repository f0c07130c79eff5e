"""Saved replies: articles whose gaps are filled in on their page, and which are copied there."""

from functools import cache
from html import escape
from pathlib import Path

from kbgen.articles import Published
from kbgen.injection import hashed
from kbgen_search.browser import scripts

TAG = "reply"
SCRIPTS = (scripts.COMMON / "dom.js", Path(__file__).parent / "reader" / "js" / "reply.js")
WORDS = {  # the box, its button, and what is said when that was pressed
    "ar": ("رد جاهز", "نسخ الرد", "تم النسخ"),
    "de": ("Fertige Antwort", "Antwort kopieren", "Kopiert"),
    "en": ("Saved reply", "Copy reply", "Copied"),
    "es": ("Respuesta guardada", "Copiar respuesta", "Copiado"),
    "fr": ("Réponse enregistrée", "Copier la réponse", "Copié"),
    "id": ("Balasan tersimpan", "Salin balasan", "Disalin"),
    "it": ("Risposta salvata", "Copia risposta", "Copiato"),
    "ja": ("定型の返信", "返信をコピー", "コピーしました"),
    "ko": ("저장된 답변", "답변 복사", "복사됨"),
    "nl": ("Opgeslagen antwoord", "Antwoord kopiëren", "Gekopieerd"),
    "pt": ("Resposta salva", "Copiar resposta", "Copiado"),
    "ru": ("Готовый ответ", "Скопировать ответ", "Скопировано"),
    "th": ("คำตอบที่บันทึกไว้", "คัดลอกคำตอบ", "คัดลอกแล้ว"),
    "tr": ("Kayıtlı yanıt", "Yanıtı kopyala", "Kopyalandı"),
    "zh": ("常用回复", "复制回复", "已复制"),
}


def is_reply(published: Published) -> bool:
    """Tell whether an article is a saved reply."""
    return TAG in published.article.tags


def box_html(locale: str) -> str:
    """Return the box with fields and button of a reply's page; the script shows and fills it."""
    name, button, said = map(escape, WORDS.get(locale.partition("-")[0], WORDS["en"]))
    return (
        f'<div class="kb kb-reply" role="group" aria-label="{name}" data-copied="{said}" hidden>'
        f'<div><button type="button" class="md-button">{button}</button>'
        '<span role="status"></span></div></div>'
    )


@cache
def files() -> dict[str, bytes]:
    """Return the script of such pages by its path from the site's root."""
    script = scripts.join_scripts(SCRIPTS)
    return {hashed("kb-reply.js", script): script}
