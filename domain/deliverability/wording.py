"""Copy lint: what in the words of a letter makes filters or readers turn away. Advice to its author, never a ban."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from domain.replies.markup import text_of_html


class Weight(StrEnum):
    """How bad it is."""

    ERROR = "error"
    """It would embarrass, or break a rule of large providers."""
    WARNING = "warning"
    HINT = "hint"


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing to look at: what, where it stands (a few words), and what to do."""

    rule: str
    weight: Weight
    found: str
    advice: str


@dataclass(frozen=True, slots=True)
class Letter:
    """What is looked at. `html` is empty for plain letters; `is_first` is the first one to somebody who never answered."""

    subject: str
    text: str
    html: str = ""
    is_first: bool = True
    tracks_opens: bool = False
    tracks_clicks: bool = False
    has_unsubscribe_header: bool = True


MOST_WORDS = 200
MOST_LINKS = 2
"""In a first letter."""
LONGEST_SUBJECT = 60
"""Characters: telephones cut what is longer."""
_TOKEN = re.compile(
    r"\{\{[^{}]{0,80}\}\}|\{%[^%]{0,80}%\}|%[A-Z_]{3,30}%|\[\[?(?:first|last|company|your|name|insert)[^\]]{0,30}\]|<<[^<>]{1,40}>>|\$\{[^}]{1,40}\}|\b(?:Hi|Hello|Dear|Hey|Hallo)\s+(?:None|null|undefined|nan)\b|\blorem ipsum\b",
    re.IGNORECASE,
)
_SPINTAX = re.compile(r"\{[^{}|]{0,80}\|[^{}]{0,120}\}")
_PHRASES = re.compile(
    r"\b(?:100% (?:free|guaranteed|satisfied)|act now|amazing (?:deal|offer)|apply now|as seen on|best price|big bucks|buy now|call now|cash bonus|cheap|click (?:here|below)|congratulations"
    r"|double your|don'?t (?:delete|miss)|earn (?:money|extra|\$)|eliminate debt|exclusive deal|extra income|fast cash|free (?:access|consultation|gift|money|quote|trial|offer)|get (?:paid|rich)|guaranteed?"
    r"|incredible deal|increase (?:sales|traffic)|limited (?:time|offer|spots)|lowest price|make money|million(?:s of)? dollars|miracle|money[ -]back|no (?:catch|cost|fees|obligation|strings attached)|offer expires"
    r"|once in a lifetime|order now|please read|prize|promise you|pure profit|risk[ -]free|satisfaction guaranteed|save (?:big|up to)|special promotion|this is(?:n't| not) spam|unlimited|urgent|while supplies last"
    r"|winner|work from home|you have been selected|gratis|jetzt (?:kaufen|zugreifen|bestellen)|garantiert|kostenlos(?:e[snr]?)?|nur (?:heute|für kurze zeit)|unverbindlich|sonderangebot|gewinnspiel|gratuit|offre sp[ée]ciale|oferta especial)\b",
    re.IGNORECASE,
)
_LINK = re.compile(r"https?://[^\s<>\"')\]]+", re.IGNORECASE)
_HREF = re.compile(r"<a\b[^>]*\bhref\s*=\s*[\"']?([^\"'\s>]+)[^>]*>(.*?)</a>", re.IGNORECASE | re.DOTALL)
_SHORTENERS = re.compile(
    r"https?://(?:www\.)?(?:bit\.ly|tinyurl\.com|t\.co|goo\.gl|ow\.ly|is\.gd|buff\.ly|rebrand\.ly|cutt\.ly|shorturl\.at)/",
    re.IGNORECASE,
)
_IMAGE = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
_WAY_OUT = re.compile(
    r"unsubscribe|opt[ -]?out|(?:not (?:want|wish)|rather not|prefer not) to hear|rather not hear|(?:stop|no) (?:more )?(?:e-?mails|messages)|let me know (?:and|if).{0,40}(?:not|stop)|abmelden|abbestellen|austragen|keine (?:weiteren )?(?:e-?mails|nachrichten)|d[ée]sabonn|d[ée]sinscri|darse? de baja|disiscri|afmelden|uitschrijven|unsubscribe_url",
    re.IGNORECASE,
)
_ANSWERED = re.compile(r"^\s*(?:re|fwd?|aw|wg)\s*:", re.IGNORECASE)


def remarks_on(letter: Letter) -> list[Remark]:
    """Everything to look at, worst first; empty for a letter that is fine. The letter is as it would be sent, rendered."""
    words = letter.text or text_of_html(letter.html)
    found = [*_of_subject(letter), *_of_words(letter, words), *_of_links(letter), *_of_pictures(letter, words)]
    order = list(Weight)
    return sorted(found, key=lambda remark: (order.index(remark.weight), remark.rule))


def _of_subject(letter: Letter) -> list[Remark]:
    subject, found = letter.subject.strip(), []
    if not subject:
        found.append(Remark("no_subject", Weight.ERROR, "", "Give it a subject."))
    if len(subject) > LONGEST_SUBJECT:
        found.append(
            Remark("long_subject", Weight.HINT, f"{len(subject)} characters", "Telephones show about 40; keep to 60.")
        )
    if letter.is_first and _ANSWERED.match(subject):
        found.append(
            Remark("false_reply", Weight.ERROR, subject[:40], "A first letter answers nothing: take the prefix away.")
        )
    if _shouts(subject):
        found.append(
            Remark("shouting", Weight.WARNING, subject[:60], "Write capitals and exclamation marks as in a letter.")
        )
    return found


def _of_words(letter: Letter, words: str) -> list[Remark]:
    found = []
    whole = f"{letter.subject}\n{words}"
    if token := _TOKEN.search(whole) or _SPINTAX.search(whole):
        found.append(
            Remark("literal_token", Weight.ERROR, token[0][:60], "A variable was not filled: give it a fallback.")
        )
    count = len(words.split())
    if count > MOST_WORDS:
        found.append(
            Remark("too_long", Weight.WARNING, f"{count} words", "Say it in fewer than 200; 50 to 125 are read most.")
        )
    if not count and letter.html:
        found.append(
            Remark("image_only", Weight.ERROR, "no words", "Filters and half of all readers see nothing: write words.")
        )
    said = sorted({match[0].casefold() for match in _PHRASES.finditer(whole)})
    if said:
        weight = Weight.WARNING if len(said) > 1 else Weight.HINT
        found.append(Remark("spam_phrases", weight, ", ".join(said[:6]), "Say it in your own words."))
    if any(_shouts(line) for line in words.splitlines()):
        line = next(line for line in words.splitlines() if _shouts(line))
        found.append(
            Remark(
                "shouting", Weight.WARNING, line.strip()[:60], "Write capitals and exclamation marks as in a letter."
            )
        )
    if not letter.has_unsubscribe_header or not (_WAY_OUT.search(words) or _WAY_OUT.search(letter.html)):
        weight = Weight.WARNING if letter.has_unsubscribe_header else Weight.ERROR
        found.append(
            Remark("no_way_out", weight, "", "Say how to hear no more: a sentence or a link, beside the header.")
        )
    return found


def _of_links(letter: Letter) -> list[Remark]:
    found = []
    targets = [target for target, _ in _HREF.findall(letter.html)] or _LINK.findall(letter.text)
    links = {target for target in targets if target.casefold().startswith("http")}
    if letter.is_first and len(links) > MOST_LINKS:
        found.append(
            Remark("many_links", Weight.WARNING, f"{len(links)} links", "Two at most in a first letter; best none.")
        )
    if short := next((link for link in sorted(links) if _SHORTENERS.match(link)), ""):
        found.append(
            Remark("shortened_link", Weight.ERROR, short[:60], "Filters distrust shorteners: link to the page itself.")
        )
    if plain := next((link for link in sorted(links) if link.casefold().startswith("http:")), ""):
        found.append(Remark("plain_link", Weight.WARNING, plain[:60], "Link to https."))
    for target, shown in _HREF.findall(letter.html):
        said = _LINK.search(re.sub(r"<[^>]*>", "", shown))
        if said and _host(said[0]) != _host(target):
            found.append(
                Remark("disguised_link", Weight.ERROR, said[0][:60], "The address shown is not the one behind it.")
            )
            break
    if letter.is_first and (letter.tracks_opens or letter.tracks_clicks):
        found.append(
            Remark(
                "tracked_first",
                Weight.WARNING,
                "",
                "Do not track the first letter: pixels and rewritten links cost placement.",
            )
        )
    return found


def _of_pictures(letter: Letter, words: str) -> list[Remark]:
    images = _IMAGE.findall(letter.html)
    found = []
    if letter.is_first and len(images) > 1:
        found.append(Remark("many_images", Weight.WARNING, f"{len(images)} images", "One at most in a first letter."))
    elif images and len(words.split()) < 20 * len(images):
        found.append(Remark("mostly_images", Weight.WARNING, f"{len(images)} images", "More words than pictures."))
    if any("alt=" not in image.casefold() for image in images):
        found.append(Remark("no_alt", Weight.HINT, "", "Give each image a text (alt) for readers who do not load it."))
    return found


def _shouts(line: str) -> bool:
    letters = [character for character in line if character.isalpha()]
    capitals = sum(character.isupper() for character in letters)
    return (len(letters) >= 12 and capitals / len(letters) > 0.6) or bool(re.search(r"!{2,}|\?!|[$€£]{2,}", line))


def _host(link: str) -> str:
    return re.sub(r"^https?://(?:www\.)?", "", link, flags=re.IGNORECASE).split("/")[0].casefold()
