"""The pages of Brightside Studio, a client that exists only here. Paths are those of the drawn history of the demo."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Page:
    """One address: its title, a line below it, and the template that shows it."""

    title: str
    lead: str
    template: str = "article.html"
    paragraphs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """Work for a client, shown without loading another page."""

    slug: str
    client: str
    field: str
    result: str
    story: str


CASES = (
    Case(
        "alpine",
        "Alpine Outfitters",
        "Retail",
        "+38 % qualified enquiries",
        "Their shop ranked for everything but what they sell to businesses. We rebuilt eleven category pages around "
        "what buyers ask, and moved half of the search budget to them.",
    ),
    Case(
        "harbour",
        "Harbour Logistics",
        "Transport",
        "Cost per lead halved",
        "Four channels claimed the same customers. One honest attribution later, two of them were closed and the "
        "money went where first contacts really came from.",
    ),
    Case(
        "meadow",
        "Meadow Dental",
        "Health",
        "120 bookings in the first month",
        "A slow site with a form of nineteen questions became three pages and four questions. The phone rings less, "
        "and the calendar is full.",
    ),
)

PAGES = {
    "/": Page(
        "Marketing that can say what worked",
        "Brightside is a small studio for search, paid media and honest numbers.",
        "home.html",
    ),
    "/services": Page(
        "What we do",
        "Three crafts, one set of numbers.",
        "services.html",
    ),
    "/services/seo": Page(
        "Search",
        "Pages that answer what buyers ask.",
        paragraphs=(
            (
                "We begin with the questions that your sales team hears every week, and look at who answers them today. "
                "What nobody answers well becomes a page; what you answer badly becomes a better one."
            ),
            "Every page has an owner, a date and one number that says whether it earned its place.",
        ),
    ),
    "/services/paid-media": Page(
        "Paid media",
        "Budgets that follow evidence.",
        paragraphs=(
            (
                "Spend moves weekly, in small steps, towards what brings leads that become customers, not clicks that "
                "become reports. Where the data cannot tell, we say so and test."
            ),
            "You see the same dashboard that we do.",
        ),
    ),
    "/case-studies": Page("Work", "Three clients, three problems, what came of it.", "cases.html"),
    **{f"/case-studies/{case.slug}": Page(case.client, case.result, "cases.html") for case in CASES},
    "/pricing": Page("Pricing", "Monthly, without a minimum term.", "pricing.html"),
    "/blog/attribution": Page(
        "Which channel earned it?",
        "Why three answers can all be right.",
        paragraphs=(
            (
                "First touch asks who opened the door, last touch who closed it, and linear thanks everybody alike. They "
                "disagree because they answer different questions."
            ),
            (
                "Look at all three. Where they agree, act. Where they differ, the channel works with others, and "
                "switching it off is an experiment, not a saving."
            ),
        ),
    ),
    "/blog/landing-pages": Page(
        "A landing page is one sentence",
        "Everything else is proof.",
        paragraphs=(
            (
                "Write the sentence that your best customer would say to a friend. Put it on top. Then remove whatever "
                "does not help somebody to believe it."
            ),
            "Short forms are not a trick: a question that you will not use is a question that you should not ask.",
        ),
    ),
    "/about": Page("About", "Nine people in Lisbon.", "about.html"),
    "/contact": Page("Tell us what you are after", "We answer within one working day.", "contact.html"),
}
