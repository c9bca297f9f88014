"""Which encoding a file is in, from its bytes alone."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from dataclasses import dataclass

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
MIXED = "leadhouse-cp1252"
"""Error handler: a byte that is no UTF-8 is read as Windows-1252, as when two exports were pasted together."""

# The letters and marks that text in each single-byte encoding is really made of, by rough share. A byte decoded to one
# of them speaks for the encoding; to a control or a rare sign, against it.
_EXPECTED = {
    "cp1252": "éèêëàâäáãåçñïîíìôöóòõøùûüúßæœÉÈÀÄÖÜÅØÆÇÑÁÍÓÚÂÊÔ’‘“”–—…€£§°´«»·²½©®\u00a0",
    "cp1250": "ąćęłńóśźżčďěňřšťůžýáéíúőűöüäăâîşţŁŚŻČŘŠŽŐŰÁÉÍÓÚÖÜÄ’“”„–…€\u00a0",
    "cp1251": "абвгдежзийклмнопрстуфхцчшщъыьэюяёіїєґАБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЭЮЯ№«»–—“”\u00a0",
    "koi8_r": "абвгдежзийклмнопрстуфхцчшщъыьэюяёАБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЭЮЯ",
    "cp1253": "αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩΆΈΉΊΌΎΏ",
    "cp1254": "çğıöşüÇĞİÖŞÜâîû’“”–€\u00a0",
    "mac_roman": "éèêëàâäáãåçñïîíìôöóòõøùûüúßæœÉÀÄÖÜÅØÆÇ’‘“”–—…€",
    "cp850": "éèêëàâäáåçñïîìíôöòóøùûüúßæÉÄÖÜÅØÆÇÑ",
}
_PREFERRED = ("cp1252", "cp1250", "cp1251", "cp1254", "cp1253", "koi8_r", "mac_roman", "cp850")
_OWN_SCRIPT = frozenset({"cp1251", "cp1253", "koi8_r"})
_MIXED_WORD = re.compile(rb"(?<=[A-Za-z])[\x80-\xff]{1,2}|[\x80-\xff]{1,2}(?=[a-z])")
_KANA = re.compile(r"[\u3040-\u30ff]")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_HANGUL = re.compile(r"[\uac00-\ud7a3]")
_SAMPLE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Encoding:
    """A codec name that `open` takes, how errors are read, and what a person should know about it."""

    name: str
    errors: str = "strict"
    note: str = ""


def _as_cp1252(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", errors="replace"), error.end


codecs.register_error(MIXED, _as_cp1252)


def detect_encoding(data: bytes) -> Encoding:
    """The encoding of a whole file: byte-order mark, UTF-16/32 by their zero bytes, UTF-8 if it holds, else the
    single-byte or East Asian encoding that gives the most plausible letters. Never fails: the last resort is cp1252."""
    for mark, name in _BOMS:
        if data.startswith(mark):
            return Encoding(name) if _decodes(data, name) else Encoding(name, "replace", "some characters are broken")
    wide = _without_mark(data)
    if wide:
        return Encoding(wide, "replace" if len(data) % 2 else "strict")
    bad = _invalid_utf8(data)
    if bad == 0:
        return Encoding("utf-8")
    good = sum(1 for byte in data[:_SAMPLE_BYTES] if byte >= 0xC2) - bad
    if good >= 4 * bad:
        return Encoding("utf-8", MIXED, f"{bad} bytes are not UTF-8 and were read as Windows-1252")
    return _legacy(data)


def _decodes(data: bytes, name: str) -> bool:
    try:
        data.decode(name)
    except UnicodeDecodeError:
        return False
    return True


def _without_mark(data: bytes) -> str | None:
    """UTF-16 or UTF-32 without a byte-order mark shows in where the zero bytes of ASCII characters lie."""
    head = data[: 4096 - 4096 % 4]
    if len(head) < 4 or head.count(0) < len(head) * 0.35:
        return None
    zeros = [head[offset::4].count(0) * 4 / len(head) for offset in range(4)]
    if min(zeros[1:]) > 0.7 and zeros[0] < 0.3:
        return "utf-32-le"
    if min(zeros[:3]) > 0.7 and zeros[3] < 0.3:
        return "utf-32-be"
    odd, even = (zeros[1] + zeros[3]) / 2, (zeros[0] + zeros[2]) / 2
    name = "utf-16-le" if odd > even + 0.2 else "utf-16-be" if even > odd + 0.2 else None
    return name if name and _decodes(data[: len(data) - len(data) % 2], name) else None


def _invalid_utf8(data: bytes) -> int:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        return 0
    return data[:_SAMPLE_BYTES].decode("utf-8", errors="replace").count("\ufffd") or 1


def _legacy(data: bytes) -> Encoding:
    eastern = _eastern(data)
    if eastern:
        return Encoding(eastern, "replace" if not _decodes(data, eastern) else "strict")
    seen = Counter({byte: count for byte, count in Counter(data).items() if byte >= 0x80})
    total = sum(seen.values())
    # A Latin word mixes plain letters with accented ones; a Greek or Cyrillic word has no plain letter in it.
    mixed = sum(len(found) for found in _MIXED_WORD.findall(data[:_SAMPLE_BYTES])) * 2 > min(total, _SAMPLE_BYTES)
    candidates = [name for name in _PREFERRED if (name in _OWN_SCRIPT) is not mixed]
    scores = {name: _plausibility(name, seen) / total for name in candidates}
    best = max(candidates, key=lambda name: (round(scores[name], 2), -_PREFERRED.index(name)))
    if scores[best] < 0.5:
        return Encoding("cp1252", "replace", "the encoding is a guess: Windows-1252")
    return Encoding(best, "strict" if _decodes(data, best) else "replace")


def _plausibility(name: str, seen: Counter[int]) -> float:
    expected = frozenset(_EXPECTED[name])
    score = 0.0
    for byte, count in seen.items():
        character = bytes([byte]).decode(name, errors="replace")
        if character in expected:
            score += count if character.islower() else 0.8 * count  # most letters of a text are small
        elif character == "\ufffd" or not character.isprintable():
            score -= count
    return score


def _eastern(data: bytes) -> str | None:
    """Japanese, Chinese or Korean, where the bytes form valid pairs and the characters are those people use."""
    sample = data[:_SAMPLE_BYTES]
    sample = sample[: sample.rfind(b"\n") + 1] or sample
    high = sum(1 for byte in sample if byte >= 0x80)
    if high < 8:
        return None
    found: dict[str, float] = {}
    for name, letters in (
        ("cp932", _KANA),
        ("euc_jp", _KANA),
        ("cp949", _HANGUL),
        ("gb18030", _HAN),
        ("big5", _HAN),
    ):
        try:
            text = sample.decode(name)
        except UnicodeDecodeError:
            continue
        wide = sum(1 for character in text if character > "\u2e7f")
        if wide * 2 >= high * 0.8:  # nearly every high byte is half of a wide character
            kept = len(letters.findall(text)) + (len(_HAN.findall(text)) if letters is _KANA else 0)
            common = sum(1 for character in text if _is_common_han(character)) if letters is _HAN else 0
            found[name] = (kept + common) / max(1, wide) + (0.5 if letters is not _HAN and letters.search(text) else 0)
    best = max(found, key=lambda name: found[name], default=None)
    return best if best and found[best] > 0.9 else None


def _is_common_han(character: str) -> bool:
    return character in _COMMON_HAN


_COMMON_HAN = frozenset(
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经"
    "公司有限北京上海李王张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗電話號碼姓名國們來時動會學發產經對說這個為"
)
