"""What the name of a column means: the names that exports of many programs and languages give to the same thing."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

_CONTACT_HEADERS = {
    "email": """email, e-mail, email address, e-mail address, mail, primary email, work email, business email,
        contact email, lead email, emailadresse, e-mail-adresse, mailadresse, adresse email, adresse mail, courriel,
        adresse electronique, correo, correo electronico, correo-e, email de contacto, indirizzo email, posta elettronica,
        endereco de email, correio eletronico, e-mailadres, e-postadress, epost, e-post, sahkoposti, e-mailová adresa,
        adres e-mail, adres email, eposta, e-posta, электронная почта, эл. почта, почта, メール, メールアドレス,
        邮箱, 电子邮件, 電子郵件, 이메일, email1, email 1 value, property email, person email, email id, mail address,
        e-mail id, adresse e-mail""",
    "first_name": """first name, firstname, given name, forename, fname, first, vorname, prenom, nombre, primer nombre,
        nome, primo nome, primeiro nome, voornaam, fornamn, fornavn, etunimi, imie, jmeno, keresztnev, имя, ad, 名,
        property firstname, contact first name, given""",
    "last_name": """last name, lastname, surname, family name, lname, last, nachname, familienname, zuname, nom,
        nom de famille, apellido, apellidos, cognome, sobrenome, apelido, achternaam, efternamn, etternavn, efternavn,
        sukunimi, nazwisko, prijmeni, vezeteknev, фамилия, soyad, soyadi, 姓, property lastname, contact last name,
        family""",
    "full_name": """name, full name, fullname, contact name, lead name, contact, person, person name, display name,
        customer name, your name, vollstandiger name, name vollstandig, ansprechpartner, kontakt, nom complet,
        nombre completo, nome completo, volledige naam, naam, imie i nazwisko, фио, имя и фамилия, 氏名, 名前, 姓名, 이름""",
    "title": """title, job title, jobtitle, position, role, job role, headline, berufsbezeichnung, funktion, stelle,
        jobtitel, poste, fonction, intitule du poste, cargo, puesto, ruolo, posizione, qualifica, functie, functietitel,
        stanowisko, pozice, должность, 役職, 职位, property jobtitle, current title""",
    "phone": """phone, phone number, telephone, telephone number, tel, mobile, mobile phone, mobile number, cell,
        cell phone, work phone, direct phone, business phone, contact number, telefon, telefonnummer, handy,
        handynummer, mobil, mobilnummer, rufnummer, telephone portable, portable, numero de telephone, telefono, movil,
        celular, cellulare, telefone, telemovel, telefoonnummer, puhelin, numer telefonu, телефон, мобильный, 電話番号,
        电话, 手机, 전화번호, property phone, phone 1 value""",
    "country": """country, country code, country/region, country region, nation, land, staat, pays, pais, paese,
        maa, kraj, zeme, orszag, страна, ulke, 国, 国家, 국가, country iso, country name, property country""",
    "external_id": """id, record id, external id, externalid, contact id, contactid, lead id, leadid, customer id,
        customerid, person id, user id, userid, uid, guid, uuid, crm id, hubspot id, hs object id, salesforce id,
        account id, vid, rec id, unique id, kundennummer, kunden-nr, kundennr, kontakt-id, identifiant, numero client,
        id cliente, id contacto, codice cliente, klantnummer, client id, row id, index, номер""",
    "company_name": """company, company name, organization, organisation, organization name, organisation name, account,
        account name, employer, business, business name, firm, current company, firma, firmenname, unternehmen,
        unternehmensname, arbeitgeber, societe, entreprise, nom de l'entreprise, raison sociale, empresa, compania,
        nombre de la empresa, azienda, ragione sociale, nome da empresa, bedrijf, bedrijfsnaam, foretag, yritys, spolka,
        nazwa firmy, spolecnost, ceg, компания, организация, sirket, 会社名, 会社, 公司, 公司名称, 회사, property company""",
    "company_domain": """domain, company domain, company domain name, website, web site, website url, company website,
        company url, homepage, url, web, webseite, site web, sitio web, pagina web, sito web, sito, strona www, webbplats,
        сайт, property website, associated company domain""",
    "lifecycle_stage": """lifecycle stage, lifecyclestage, lead stage, lead status, contact status, funnel stage, stage,
        status, property lifecyclestage, phase, lebenszyklusphase, etape, etapa, fase, lead-status""",
    "known_at": """created, created at, created date, create date, createdate, created on, date created, date added,
        added, added at, added on, first seen, first seen at, signup date, sign up date, registered at, registration date,
        date registered, lead date, lead created, property createdate, angelegt am, erstellt am, erstellungsdatum,
        date de creation, cree le, fecha de creacion, creado el, data di creazione, data creazione, data de criacao,
        aanmaakdatum, skapad, utworzono, data utworzenia, дата создания""",
    "is_unsubscribed": """unsubscribed, opted out, opt out, optout, email opt out, has opted out of email,
        opted out of email, do not contact, do not email, dnc, unsubscribed from all email, hs email optout,
        email optout, abgemeldet, widerspruch, desabonne, desinscrit, dado de baja""",
    "entered:lead": "became a lead date, lifecyclestage lead date, lead since, property hs lifecyclestage lead date",
    "entered:mql": """became a marketing qualified lead date, became mql, mql date, mql at, lifecyclestage mql date,
        property hs lifecyclestage marketingqualifiedlead date, hs lifecyclestage marketingqualifiedlead date""",
    "entered:sql": """became a sales qualified lead date, became sql, sql date, sql at,
        property hs lifecyclestage salesqualifiedlead date, hs lifecyclestage salesqualifiedlead date""",
    "entered:opportunity": """became an opportunity date, opportunity date, opportunity at,
        property hs lifecyclestage opportunity date, hs lifecyclestage opportunity date""",
    "entered:customer": """became a customer date, became customer, customer since, customer at, converted date,
        conversion date, property hs lifecyclestage customer date, hs lifecyclestage customer date, kunde seit""",
}
_DEAL_HEADERS = {
    "external_id": """id, deal id, dealid, record id, external id, opportunity id, hs object id, deal number, deal no,
        opportunity number, vorgangsnummer, angebotsnummer, id de la transaction, id del negocio""",
    "name": """name, deal name, dealname, deal, opportunity, opportunity name, title, deal title, subject, description,
        bezeichnung, geschaft, vorgang, nom, nom de la transaction, nombre del negocio, nombre, nome, nome trattativa,
        property dealname, название""",
    "amount": """amount, deal amount, value, deal value, revenue, price, total, contract value, acv, arr, tcv, sum,
        betrag, wert, summe, umsatz, auftragswert, montant, valeur, prix, importe, valor, cantidad, importo, valore,
        bedrag, waarde, kwota, wartosc, сумма, property amount, amount in home currency""",
    "currency": """currency, currency code, deal currency, deal currency code, wahrung, waehrung, devise, monnaie, moneda,
        valuta, moeda, waluta, валюта""",
    "stage": """stage, deal stage, dealstage, status, deal status, pipeline stage, sales stage, phase, stufe, etape,
        etapa, fase, stadio, stadium, etap, стадия, статус, property dealstage, deal pipeline stage id, stage label""",
    "pipeline": "pipeline, deal pipeline, sales pipeline, pipeline id, deal pipeline id, property pipeline",
    "probability": """probability, deal probability, win probability, win likelihood, hs deal stage probability,
        wahrscheinlichkeit, probabilite, probabilidad, probabilita""",
    "opened_at": """opened, opened at, open date, created, created at, create date, createdate, created date,
        date created, start date, deal created, property createdate, eroffnet am, erstellt am, date de creation,
        fecha de creacion, data creazione, дата создания""",
    "closed_at": """closed, closed at, close date, closedate, closed date, closing date, won time, won at, lost time,
        expected close date, property closedate, abschlussdatum, geschlossen am, date de cloture, date de fermeture,
        fecha de cierre, data chiusura, data di chiusura, дата закрытия""",
    "contact_email": """contact email, email, e-mail, email address, e-mail address, person email, primary contact email,
        associated contact email, buyer email, customer email""",
    "contact_external_id": """contact id, contactid, person id, primary contact id, associated contact ids, lead id,
        customer id, associated contact id""",
    "company_name": """company, company name, organization, organisation, account, account name, customer, client,
        associated company, firma, kunde, unternehmen, societe, entreprise, client, empresa, cliente, azienda, bedrijf,
        klant, компания""",
    "company_domain": "domain, company domain, website, company website, company domain name",
    "lost_reason": """lost reason, closed lost reason, loss reason, reason lost, verlustgrund, raison de perte,
        motivo de perdida, motivo perdita, property closed lost reason""",
    "entered:opportunity": "opportunity date, date entered opportunity, qualified at, qualified date",
    "entered:proposal": "proposal date, date entered proposal, proposal sent at, offer date, quote date",
    "entered:negotiation": "negotiation date, date entered negotiation",
    "entered:won": "won date, date won, date entered closed won, closed won date, won on",
    "entered:lost": "lost date, date lost, date entered closed lost, closed lost date, lost on",
}
OUTCOME_HEADERS = frozenset(
    {
        *("y", "outcome", "converted", "conversion", "isconverted", "target", "label", "won", "iswon", "success"),
        *("subscribed", "purchased", "bought", "customer", "iscustomer", "result", "response", "responded", "revenue"),
    }
)
"""Normalised names that often hold what became of a lead; only ever suggested."""

_WORDS = re.compile(r"[^\W_]+")
_PROPERTIES = frozenset({"property", "properties", "hs"})
_WRAPPERS = {
    "contacts": _PROPERTIES
    | {
        "contact",
        "lead",
        "person",
        "prospect",
        "customer",
        "client",
        "user",
        "member",
        "subscriber",
        "recipient",
        "your",
    }
    | {"primary", "main", "work", "business", "corporate", "office", "personal", "private", "home", "mobile", "direct"}
    | {"mailing", "billing", "associated", "current", "apollo", "salesforce", "hubspot", "pipedrive", "zoho"}
    | {"kontakt", "geschaftliche", "geschaftlich", "private", "contacto", "contatto"},
    "deals": _PROPERTIES | {"deal", "opportunity", "pipedrive", "salesforce", "hubspot"},
}
"""First words that say whose or which, not what."""
_KINDS = frozenset(
    {"work", "home", "mobile", "other", "primary", "business", "personal", "main", "office", "1", "required"}
)
"""Last words that say which of several."""

_SPELLED_OUT = str.maketrans(
    {"ß": "ss", "æ": "ae", "Æ": "Ae", "ø": "o", "Ø": "O", "œ": "oe", "ł": "l", "Ł": "L", "đ": "d"}
)
"""Letters that have no accent to take away."""


@cache
def targets(entity: str) -> dict[str, str]:
    """Normalised header → target, for `contacts` or `deals`."""
    table = _DEAL_HEADERS if entity == "deals" else _CONTACT_HEADERS
    found: dict[str, str] = {}
    for target, names in table.items():
        for name in names.split(","):
            found.setdefault(normalise(name), target)
    return found


def meaning(name: str, entity: str) -> str | None:
    """The target of a header, also where an export wraps it: `properties.email`, `Person - Phone - Work`,
    `Your e-mail address *`."""
    known = targets(entity)
    if found := known.get(normalise(name)):
        return found
    words = _WORDS.findall(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name))
    while len(words) > 1 and normalise(words[0]) in _WRAPPERS[entity]:
        words = words[1:]
        if found := known.get(normalise("".join(words))):
            return found
    while len(words) > 1 and normalise(words[-1]) in _KINDS:
        words = words[:-1]
        if found := known.get(normalise("".join(words))):
            return found
    return None


def target_names(entity: str) -> tuple[str, ...]:
    """Every target a column may be mapped to, besides `attribute`, `attribute:<key>` and `ignore`."""
    return tuple(_DEAL_HEADERS if entity == "deals" else _CONTACT_HEADERS)


def normalise(name: str) -> str:
    """`E-Mail Adresse ` → `emailadresse`: letters and digits of any script, small, without accents."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(character for character in plain if character.isalnum())


def is_known_header(name: str) -> bool:
    """Whether a cell reads like the name of a column; short words need a longer match, for they may be values."""
    return len(normalise(name)) > 1 and any(meaning(name, entity) for entity in ("contacts", "deals"))


def attribute_key(name: str, taken: frozenset[str] | set[str] = frozenset()) -> str:
    """A column's name as a key: small ASCII words joined by `_`, at most 60 characters, unlike those taken."""
    plain = unicodedata.normalize("NFKD", name.translate(_SPELLED_OUT)).encode("ascii", "ignore").decode()
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", plain)
    base = re.sub(r"[^a-z0-9]+", "_", split.casefold()).strip("_")[:60] or "column"
    if base[0].isdigit():
        base = f"n_{base}"
    key, count = base, 2
    while key in taken:
        key, count = f"{base}_{count}", count + 1
    return key
