"""Countries by the names people write, as ISO 3166 codes of two letters."""

from __future__ import annotations

from domain.imports.headers import normalise

# Codes and English names: the IANA time zone database's iso3166.tab, which is in the public domain.
_ENGLISH = """
AD Andorra; AE United Arab Emirates; AF Afghanistan; AG Antigua & Barbuda; AI Anguilla; AL Albania; AM Armenia; AO
Angola; AQ Antarctica; AR Argentina; AS Samoa (American); AT Austria; AU Australia; AW Aruba; AX Åland Islands; AZ
Azerbaijan; BA Bosnia & Herzegovina; BB Barbados; BD Bangladesh; BE Belgium; BF Burkina Faso; BG Bulgaria; BH
Bahrain; BI Burundi; BJ Benin; BL St Barthelemy; BM Bermuda; BN Brunei; BO Bolivia; BQ Caribbean NL; BR Brazil; BS
Bahamas; BT Bhutan; BV Bouvet Island; BW Botswana; BY Belarus; BZ Belize; CA Canada; CC Cocos (Keeling) Islands;
CD Congo (Dem. Rep.); CF Central African Rep.; CG Congo (Rep.); CH Switzerland; CI Côte d’Ivoire; CK Cook Islands;
CL Chile; CM Cameroon; CN China; CO Colombia; CR Costa Rica; CU Cuba; CV Cape Verde; CW Curaçao; CX Christmas
Island; CY Cyprus; CZ Czech Republic; DE Germany; DJ Djibouti; DK Denmark; DM Dominica; DO Dominican Republic; DZ
Algeria; EC Ecuador; EE Estonia; EG Egypt; EH Western Sahara; ER Eritrea; ES Spain; ET Ethiopia; FI Finland; FJ
Fiji; FK Falkland Islands; FM Micronesia; FO Faroe Islands; FR France; GA Gabon; GB Britain (UK); GD Grenada; GE
Georgia; GF French Guiana; GG Guernsey; GH Ghana; GI Gibraltar; GL Greenland; GM Gambia; GN Guinea; GP Guadeloupe;
GQ Equatorial Guinea; GR Greece; GS South Georgia & the South Sandwich Islands; GT Guatemala; GU Guam; GW Guinea-
Bissau; GY Guyana; HK Hong Kong; HM Heard Island & McDonald Islands; HN Honduras; HR Croatia; HT Haiti; HU
Hungary; ID Indonesia; IE Ireland; IL Israel; IM Isle of Man; IN India; IO British Indian Ocean Territory; IQ
Iraq; IR Iran; IS Iceland; IT Italy; JE Jersey; JM Jamaica; JO Jordan; JP Japan; KE Kenya; KG Kyrgyzstan; KH
Cambodia; KI Kiribati; KM Comoros; KN St Kitts & Nevis; KP Korea (North); KR Korea (South); KW Kuwait; KY Cayman
Islands; KZ Kazakhstan; LA Laos; LB Lebanon; LC St Lucia; LI Liechtenstein; LK Sri Lanka; LR Liberia; LS Lesotho;
LT Lithuania; LU Luxembourg; LV Latvia; LY Libya; MA Morocco; MC Monaco; MD Moldova; ME Montenegro; MF St Martin
(French); MG Madagascar; MH Marshall Islands; MK North Macedonia; ML Mali; MM Myanmar (Burma); MN Mongolia; MO
Macau; MP Northern Mariana Islands; MQ Martinique; MR Mauritania; MS Montserrat; MT Malta; MU Mauritius; MV
Maldives; MW Malawi; MX Mexico; MY Malaysia; MZ Mozambique; NA Namibia; NC New Caledonia; NE Niger; NF Norfolk
Island; NG Nigeria; NI Nicaragua; NL Netherlands; NO Norway; NP Nepal; NR Nauru; NU Niue; NZ New Zealand; OM Oman;
PA Panama; PE Peru; PF French Polynesia; PG Papua New Guinea; PH Philippines; PK Pakistan; PL Poland; PM St Pierre
& Miquelon; PN Pitcairn; PR Puerto Rico; PS Palestine; PT Portugal; PW Palau; PY Paraguay; QA Qatar; RE Réunion;
RO Romania; RS Serbia; RU Russia; RW Rwanda; SA Saudi Arabia; SB Solomon Islands; SC Seychelles; SD Sudan; SE
Sweden; SG Singapore; SH St Helena; SI Slovenia; SJ Svalbard & Jan Mayen; SK Slovakia; SL Sierra Leone; SM San
Marino; SN Senegal; SO Somalia; SR Suriname; SS South Sudan; ST Sao Tome & Principe; SV El Salvador; SX St Maarten
(Dutch); SY Syria; SZ Eswatini (Swaziland); TC Turks & Caicos Is; TD Chad; TF French S. Terr.; TG Togo; TH
Thailand; TJ Tajikistan; TK Tokelau; TL East Timor; TM Turkmenistan; TN Tunisia; TO Tonga; TR Turkey; TT Trinidad
& Tobago; TV Tuvalu; TW Taiwan; TZ Tanzania; UA Ukraine; UG Uganda; UM US minor outlying islands; US United
States; UY Uruguay; UZ Uzbekistan; VA Vatican City; VC St Vincent; VE Venezuela; VG Virgin Islands (UK); VI Virgin
Islands (US); VN Vietnam; VU Vanuatu; WF Wallis & Futuna; WS Samoa (western); YE Yemen; YT Mayotte; ZA South
Africa; ZM Zambia; ZW Zimbabwe
"""
_ALSO = {
    "US": """usa, u.s.a., u.s., united states of america, vereinigte staaten, etats-unis, estados unidos, stati
        uniti, america""",
    "GB": """uk, u.k., united kingdom, great britain, england, scotland, wales, northern ireland,
        grossbritannien, vereinigtes konigreich, royaume-uni, reino unido, regno unito""",
    "DE": "deutschland, allemagne, alemania, germania, alemanha, duitsland, niemcy, tyskland, saksa",
    "FR": "frankreich, francia, franca, frankrijk, francja",
    "ES": "espana, spanien, espagne, spagna, spanje, hiszpania",
    "IT": "italia, italien, italie, wlochy",
    "AT": "osterreich, oesterreich, autriche",
    "CH": "schweiz, suisse, svizzera, suiza",
    "NL": "the netherlands, holland, nederland, niederlande, pays-bas, paises bajos, paesi bassi",
    "BE": "belgien, belgique, belgie, belgica",
    "PL": "polska, polen, pologne, polonia",
    "PT": "portugal",
    "SE": "sverige, schweden, suede, suecia, svezia",
    "NO": "norge, norwegen, norvege",
    "DK": "danmark, danemark, dinamarca",
    "FI": "suomi, finnland, finlande, finlandia",
    "CZ": "czechia, czech republic, ceska republika, cesko, tschechien",
    "SK": "slovensko, slowakei",
    "HU": "magyarorszag, ungarn, hongrie",
    "GR": "hellas, griechenland, grece",
    "IE": "republic of ireland, irland, irlande",
    "RU": "russia, russian federation, россия, russland, russie",
    "UA": "україна, украина",
    "TR": "turkey, turkiye, turkei",
    "CN": "china, prc, 中国",
    "JP": "日本, japon",
    "KR": "south korea, korea, republic of korea, 한국, 대한민국",
    "KP": "north korea",
    "TW": "taiwan, 台灣",
    "HK": "hong kong",
    "IN": "bharat, indien, inde",
    "BR": "brasil, brasilien, bresil",
    "MX": "mexico, mexiko, mexique",
    "CA": "kanada",
    "AU": "australien, australie",
    "NZ": "new zealand, neuseeland",
    "ZA": "south africa, sudafrika",
    "AE": "uae, united arab emirates, emirates, dubai",
    "SA": "saudi arabia, ksa",
    "IL": "israel",
    "VN": "vietnam, viet nam",
    "PH": "philippines",
    "SG": "singapore, singapur",
    "ID": "indonesia",
    "MY": "malaysia",
    "TH": "thailand",
    "CI": "ivory coast, cote divoire",
    "CD": "democratic republic of congo, drc",
    "VA": "vatican, holy see",
    "MD": "moldova",
    "MK": "north macedonia, macedonia",
    "BA": "bosnia, bosnia and herzegovina, bosnia herzegovina",
    "LA": "laos",
    "SY": "syria",
    "TZ": "tanzania",
    "VE": "venezuela",
    "BO": "bolivia",
    "IR": "iran, islamic republic of iran",
    "BN": "brunei",
    "CV": "cape verde, cabo verde",
    "SZ": "swaziland, eswatini",
    "MM": "burma, myanmar",
}


def _codes() -> dict[str, str]:
    found: dict[str, str] = {}
    for entry in " ".join(_ENGLISH.split()).split("; "):
        code, _, name = entry.partition(" ")
        found[code.casefold()] = found[normalise(name)] = code
        found.setdefault(normalise(name.partition("(")[0]), code)
    for code, names in _ALSO.items():
        for name in names.split(","):
            found[normalise(name)] = code
    return found


_CODES = _codes()


def country_of(name: str) -> str | None:
    """`DE` for `de`, `Germany` or `Deutschland`; None for what is no country known here."""
    return _CODES.get(normalise(name))
