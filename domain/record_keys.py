"""What two records are compared by: names, addresses, telephones and companies in a form in which the same thing is the
same text. Every function answers "" for what says nothing."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from domain.search import folded

_NOT_WORD = re.compile(r"[\W_]+")
_NOT_DIGIT = re.compile(r"\D+")
_TITLES = frozenset(
    {"mr", "mrs", "ms", "miss", "dr", "prof", "sir", "herr", "frau", "mme", "phd", "msc", "mba", "jr", "sr"}
)
_NICKNAMES = """
    abigail abby | albert al bert | alexander alex sasha | alexandra alex sandra | alfred fred | andrew andy drew |
    anthony tony | antonio toni | barbara barb | benjamin ben benny | catherine cathy kate katie | charles charlie chuck |
    christine chris tina | christopher chris | daniel dan danny | david dave | deborah debbie deb | dimitri dima |
    donald don | edward ed eddie ted | elizabeth liz beth betty lisa | eleanor ellie nora | emma emmy | eugene gene |
    florence flo | francis frank | francisco paco | frederick fred freddie | gabriel gabe | gabriele gabi |
    geoffrey geoff jeff | george georgie | gerald gerry jerry | giuseppe beppe | gregory greg | hans johannes |
    harold harry | heinrich heinz | helen nell | henry harry hank | ignacio nacho | isabella bella izzy | jacob jake |
    james jim jimmy jamie | janet jan | jeffrey jeff | jennifer jen jenny | jessica jess jessie | john jack johnny |
    jonathan jon | jose pepe | joseph joe joey | joshua josh | judith judy | katherine kate kathy katie |
    kenneth ken | lawrence larry | leonard leo len | linda lindy | louis lou | margaret maggie peggy meg |
    maria mia | martin marty | matthew matt | maximilian max | melissa mel | michael mike mick mickey |
    nathaniel nathan nat | nicholas nick nico | oliver ollie | pamela pam | patricia pat trish patty | patrick pat |
    peter pete | philip phil | rebecca becky | richard rick dick rich | robert bob rob bobby | ronald ron |
    samuel sam | samantha sam | sebastian seb basti | stephanie steph | stephen steve | steven steve | susan sue susie |
    theodore ted theo | theresa terry tess | thomas tom tommy | timothy tim | valentina tina | victoria vicky tori |
    vincent vince | walter walt | wilhelm willi | william bill will billy liam | wolfgang wolf | zachary zach
"""
"""Given names with the short forms people sign with; the first of a group stands for all of it."""
_CALLING_CODES = {
    "AE": "971", "AR": "54", "AT": "43", "AU": "61", "BE": "32", "BG": "359", "BR": "55", "CA": "1", "CH": "41",
    "CL": "56", "CN": "86", "CO": "57", "CY": "357", "CZ": "420", "DE": "49", "DK": "45", "EE": "372", "EG": "20",
    "ES": "34", "FI": "358", "FR": "33", "GB": "44", "GR": "30", "HK": "852", "HR": "385", "HU": "36", "ID": "62",
    "IE": "353", "IL": "972", "IN": "91", "IS": "354", "IT": "39", "JP": "81", "KE": "254", "KR": "82", "LT": "370",
    "LU": "352", "LV": "371", "MA": "212", "MT": "356", "MX": "52", "MY": "60", "NG": "234", "NL": "31", "NO": "47",
    "NZ": "64", "PE": "51", "PH": "63", "PK": "92", "PL": "48", "PT": "351", "RO": "40", "RS": "381", "RU": "7",
    "SA": "966", "SE": "46", "SG": "65", "SI": "386", "SK": "421", "TH": "66", "TR": "90", "TW": "886", "UA": "380",
    "US": "1", "VN": "84", "ZA": "27",
}  # fmt: skip
"""ITU-T E.164 country codes."""
_KEEPS_ITS_ZERO = frozenset({"39"})
"""Countries whose national numbers begin with a zero abroad too."""
_SAY_NOTHING = frozenset(
    """
    ab ag aktiengesellschaft aps as asa bv bvba co company corp corporation cv eg ek eood ev ges gesellschaft gmbh
    holding holdings inc incorporated international kft kg kgaa limited llc llp lp ltd ltda mbh nv oao ohg ooo oy oyj
    plc pte pty pvt sa sab sarl sas sasu sca se sl slu sp spa spol srl sro ug und ulc unlimited the and de
    """.split()  # noqa: SIM905  a list of words reads better as words
)
_WITHOUT_DOTS = frozenset({"gmail.com", "googlemail.com"})
"""Providers at which dots in an address mean nothing."""
_SOUNDEX = {
    letter: digit
    for digit, letters in {"1": "bfpv", "2": "cgjkqsxz", "3": "dt", "4": "l", "5": "mn", "6": "r"}.items()
    for letter in letters
}
SHORTEST_PHONE = 6
KEPT = 50_000
"""Names whose keys are remembered: most names are borne by many."""
_PROFILE = re.compile(r"linkedin\.com/(?:in|pub|company|school)/([^/?#\s]+)", re.IGNORECASE)


@lru_cache(KEPT)
def words_of(text: str) -> tuple[str, ...]:
    """`Müller-Łódź & Co.` → muller, lodz, co."""
    letters = folded(text).replace("'", "").replace("’", "")
    return tuple(word for word in _NOT_WORD.split(letters) if word)


@lru_cache(KEPT)
def name_key(name: str) -> str:
    """A given or family name without marks, spaces, hyphens and titles: `Dr. Jean-Luc` → jeanluc."""
    words = words_of(name)
    return "".join(word for word in words if word not in _TITLES) or "".join(words)


@lru_cache(KEPT)
def given_key(name: str) -> str:
    """A given name, with the short forms of one name as that name: Bob and Rob are robert."""
    words = words_of(name)
    return _canonical().get(words[0], name_key(name)) if len(words) == 1 else name_key(name)


@cache
def _canonical() -> dict[str, str]:
    found: dict[str, str] = {}
    for group in _NICKNAMES.split("|"):
        full, *short = group.split()
        for name in (full, *short):
            found.setdefault(name, full)
    return found


@lru_cache(KEPT)
def soundex(key: str) -> str:
    """How a name sounds in English: American Soundex as the US National Archives describe it."""
    if not key or not key[0].isalpha():
        return ""
    digits, last = [], _SOUNDEX.get(key[0], "")
    for letter in key[1:]:
        digit = _SOUNDEX.get(letter, "")
        if digit and digit != last:
            digits.append(digit)
        if letter not in "hw":
            last = digit
    return (key[0] + "".join(digits) + "000")[:4]


def mailbox_of(email: str) -> tuple[str, str]:
    """Local part and domain of the mailbox that an address leads to: `A.B+news@googlemail.com` → (ab, gmail.com)."""
    local, at, host = email.strip().casefold().rpartition("@")
    if not at or not local or not host:
        return "", ""
    local = local.partition("+")[0] or local
    if host in _WITHOUT_DOTS:
        return local.replace(".", ""), "gmail.com"
    return local, host


def phone_key(phone: str, country: str | None = None) -> str:
    """A telephone number as digits, in E.164 without its plus where it says or its country tells how; extensions are
    left out. "" for what is too short to be one."""
    text = re.split(r"(?i)\s*(?:ext\.?|x|#|durchwahl)\s*\d+\s*$", phone.strip())[0]
    is_international = text.lstrip("( ").startswith(("+", "00"))
    digits = _NOT_DIGIT.sub("", re.sub(r"\(\s*0\s*\)", "", text) if is_international else text)
    if text.lstrip("( ").startswith("00"):
        digits = digits[2:]
    if len(digits) < SHORTEST_PHONE:
        return ""
    code = _CALLING_CODES.get((country or "").upper())
    if is_international or code is None:
        return digits
    if code == "1":
        return digits if len(digits) == 11 and digits.startswith("1") else f"1{digits}"
    if digits.startswith("0"):
        return code + (digits if code in _KEEPS_ITS_ZERO else digits.lstrip("0"))
    return digits if digits.startswith(code) and len(digits) > 10 else code + digits


def profile_key(url: str) -> str:
    """The name in a LinkedIn address: `https://de.linkedin.com/in/Ada-L?x=1` → ada-l."""
    found = _PROFILE.search(url)
    return found.group(1).casefold() if found else ""


@lru_cache(KEPT)
def company_key(name: str) -> str:
    """A company's name without its legal form, in words: `The Smith & Sons Co., Ltd.` → smith sons."""
    words = words_of(re.sub(r"(?<=\b\w)\.(?=\w\b)", "", name))
    core = [word for word in words if word not in _SAY_NOTHING]
    return " ".join(core or words)
