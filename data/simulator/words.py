"""The words a world is composed of. Nothing here is real: names are put together, domains end in `.example` (RFC 2606),
networks are those set aside for documentation (RFC 3849), telephone numbers have a country code that no country has."""

from __future__ import annotations

from dataclasses import dataclass

from domain.page_urls import TRAP

FIRST = (
    "Ada Alexander Amara Anders Anika Bruno Carla Chen Chloe Dario Dina Elif Elizabeth Emil Farah Felix Grace Hana Hugo "
    "Imani Ines Ivan Jonas Jonathan Julia Kai Katharina Lea Liam Lina Luca Maja Marco Maximilian Mei Mila Nadia "
    "Nicholas Nils Noor Olga Omar Priya Rafael Rosa Sami Sara Tariq Theodore Uma Vera Victoria Yara Yuki Zoe"
).split()
NICKNAMES = {
    "Alexander": "Alex", "Elizabeth": "Liz", "Jonathan": "Jon", "Katharina": "Kat", "Maximilian": "Max",
    "Nicholas": "Nick", "Theodore": "Theo", "Victoria": "Vicky",
}  # fmt: skip
"""Others are called by how their names begin, and `ie`."""
LAST = (
    "Abara Berg Brandt Costa Diaz Eriksen Fischer Fontaine Garcia Haddad Hansen Ito Jansen Kaya Keller Kowalski Larsen "
    "Lindqvist Marino Meyer Moreau Nakamura Novak Okafor Olsen Patel Petrov Quinn Ricci Romero Rossi Santos Schmidt "
    "Silva Sokolov Tanaka Thomsen Ueda Vargas Weber Wong Yilmaz Zhang"
).split()
START = (
    "Alder Blue Bright Cedar Clear Copper Delta Ember Fern Grand Harbor Iron Juniper Lumen Maple North Oak Pine Quartz "
    "River Solar Stone Terra Vela West"
).split()
END = (
    "bridge cart craft dale field forge gate grid hill labs lane line loop mark mill path peak point port ridge side "
    "stack stream wave works"
).split()
INDUSTRIES = (
    "Software",
    "E-commerce",
    "Healthcare",
    "Manufacturing",
    "Finance",
    "Education",
    "Hospitality",
    "Logistics",
)
TRADES = {
    "Software": ("makes workflow software for finance teams", "runs a platform for developers", "sells analytics by subscription"),
    "E-commerce": ("sells outdoor gear online", "runs a marketplace for furniture", "ships cosmetics across Europe"),
    "Healthcare": ("runs outpatient clinics", "makes devices for hospitals", "keeps patient records for practices"),
    "Manufacturing": ("builds packaging machines", "casts parts for carmakers", "makes pumps and valves"),
    "Finance": ("lends to small firms", "insures freight and fleets", "advises pension funds"),
    "Education": ("trains nurses and carers", "runs language schools", "publishes courses for schools"),
    "Hospitality": ("runs boutique hotels", "caters for conferences", "books retreats and venues"),
    "Logistics": ("moves pallets by rail", "runs cold storage", "delivers parcels in cities"),
}  # fmt: skip
"""What companies of an industry say of themselves."""
TITLES = (
    "Head of Marketing",
    "CMO",
    "Founder",
    "Marketing Manager",
    "VP Sales",
    "Operations Lead",
    "Student",
    "Consultant",
)
TITLE_WEIGHTS = (14, 8, 10, 18, 9, 11, 12, 18)
SENIORITY = (0.9, 1.0, 0.9, 0.6, 0.7, 0.4, 0.0, 0.2)
COLOURS = ("red", "green", "blue", "violet", "amber")


@dataclass(frozen=True, slots=True)
class Country:
    """Where people live, how often, and how far their clocks are ahead of UTC (hours, in winter)."""

    code: str
    weight: float
    time_zone: str
    utc_offset: int
    language: str


COUNTRIES = (
    Country("US", 28, "America/New_York", -5, "en-US"),
    Country("GB", 16, "Europe/London", 0, "en-GB"),
    Country("DE", 18, "Europe/Berlin", 1, "de-DE"),
    Country("FR", 10, "Europe/Paris", 1, "fr-FR"),
    Country("PT", 8, "Europe/Lisbon", 0, "pt-PT"),
    Country("SE", 6, "Europe/Stockholm", 1, "sv-SE"),
    Country("IN", 14, "Asia/Kolkata", 5, "en-IN"),
)

PAGES = ("/", "/services", "/services/seo", "/services/paid-media", "/case-studies", "/case-studies/alpine", "/pricing",
         "/blog/attribution", "/blog/landing-pages", "/about", "/contact")  # fmt: skip
PAGE_WEIGHTS = (18, 10, 7, 7, 9, 6, 10, 8, 7, 5, 6)
PRICING, CONTACT, CASE_STUDY = PAGES.index("/pricing"), PAGES.index("/contact"), PAGES.index("/case-studies/alpine")
UNSEEN_LINK = TRAP
"""The link of a mail that no eye sees: only a program follows it."""
MAIL_PAGES = ("/case-studies", "/pricing", "/blog/attribution")
"""Where the links of a mail lead."""


@dataclass(frozen=True, slots=True)
class Device:
    """What a browser tells of itself, and how often it is met."""

    user_agent: str
    browser: str
    os: str
    kind: str
    viewport: str
    weight: float


DEVICES = (
    Device("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
           "Chrome", "Windows", "desktop", "1920x1080", 36),
    Device("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.4 Safari/605.1.15",
           "Safari", "Mac OS X", "desktop", "1440x900", 22),
    Device("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
           "Edge", "Windows", "desktop", "1536x864", 14),
    Device("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
           "Firefox", "Linux", "desktop", "1440x900", 6),
    Device("Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.4 Mobile/15E148 Safari/604.1",
           "Mobile Safari", "iOS", "mobile", "393x852", 14),
    Device("Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
           "Chrome Mobile", "Android", "mobile", "412x915", 8),
)  # fmt: skip
DESKTOPS, PHONES = (0, 1, 2, 3), (4, 5)

CRAWLERS = (
    "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
)
MONITOR = "Mozilla/5.0 (compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)"
IMAGE_PROXY = "Mozilla/5.0"
"""What a mail provider's proxy says when it fetches images ahead of the reader."""

TYPICAL_NETWORK = {"business": 64496, "isp": 64497, "mobile": 64498, "hosting": 64500}
"""Kind of network to its number among those set aside for documentation (RFC 5398)."""
NETWORK_OWNERS = {"isp": "Homefibre Broadband", "mobile": "Wavecall Mobile", "hosting": "Cumulus Hosting"}
