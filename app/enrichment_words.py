"""States, reasons and prices of enrichment in words. Pure."""

from __future__ import annotations

from typing import Any

from app.formatting import SYMBOLS, count, escaped

RUN_STATES = {
    "filling": "Listing rows", "running": "Running", "finished": "Finished", "paused": "Paused", "stopped": "Stopped",
}  # fmt: skip
RUN_COLORS = {"filling": "blue", "running": "blue", "finished": "green", "paused": "orange", "stopped": "gray"}
TRIGGERS = {"all": "All rows", "sample": "Sample", "lead": "A lead"}
PROBLEMS = {
    "": "",
    "not_connected": "not connected",
    "not_offered": "does not tell this",
    "paused": "paused",
    "refused": "its key is refused",
    "no_secret": "its key is missing",
    "options_invalid": "its options are wrong",
    "provider_gone": "not installed any more",
    "input_missing": "too little known to ask",
    "condition": "its condition does not hold",
    "row_ceiling": "above the limit for a row",
}
PAUSES = {
    "by_hand": "Somebody paused it.",
    "run_ceiling": "The limit of the run is reached: raise it in the workflow and start a new run; what is known is not paid twice.",
    "day_ceiling": "Today's limit is reached: it goes on tomorrow.",
    "month_ceiling": "The limit of the month is reached.",
    "fill_rate": "Too few rows were filled: look at the dead letters and at what the providers answer.",
}
OUTCOMES = {
    "found": "Found", "not_found": "Not found", "opted_out": "Asked to be left out", "rate_limited": "Too fast",
    "quota_spent": "Credits spent", "refused": "Key refused", "invalid": "Question refused",
    "malformed": "Not readable", "timed_out": "No answer in time", "away": "Away", "unknown": "Unknown", "asking": "Out",
}  # fmt: skip


def price(micros: float | None, currency: str) -> str:
    """`€12.40`, `€0.0125`; `free` for nothing."""
    if micros is None:
        return "–"
    if micros == 0:
        return "free"
    amount = micros / 1_000_000
    text = f"{amount:,.2f}" if amount >= 0.1 or round(amount, 2) == amount else f"{amount:.4f}".rstrip("0")
    symbol = SYMBOLS.get(currency)
    return f"{symbol}{text}" if symbol else f"{text} {currency}"


def spent(micros: float | None, currency: str) -> str:
    """The same, where nothing is an amount."""
    return f"{SYMBOLS.get(currency, '')}0" if micros == 0 else price(micros, currency)


def chain_line(chain: dict[str, Any], currency: str) -> str:
    """A field and its providers in order, as Markdown: who cannot be asked is grey and says why."""
    steps = []
    for step in chain["steps"]:
        words = [escaped(step["provider"])]
        if step["problem"]:
            words.append(PROBLEMS.get(step["problem"], step["problem"]))
        else:
            words.append(price(step["price_micros"], currency))
            if step["minimum_confidence"]:
                words.append(f"≥ {step['minimum_confidence']:.0%} sure")
            words += [escaped(text) for text in step["when"]]
        color = "gray" if step["problem"] else "green" if step["price_micros"] == 0 else "blue"
        steps.append(f":{color}-badge[{' · '.join(words)}]")
    return f"**{escaped(chain['label'])}** :gray[asked again after {count(chain['fresh_days'])} days]  \n" + " → ".join(
        steps
    )


def share(value: float | None, interval: list[float] | None = None) -> str:
    """`62 % (51–72)`."""
    if value is None:
        return "–"
    between = f" ({interval[0] * 100:.0f}–{interval[1] * 100:.0f})" if interval else ""
    return f"{value * 100:.0f} %{between}"


def progress(run: dict[str, Any]) -> tuple[float, str]:
    """How far a run is, and in words."""
    rows = run["rows"]
    over = sum(rows.get(name, 0) for name in ("done", "skipped", "failed"))
    total = max(run["row_count"], over)
    words = [f"{count(over)} of {count(total)} rows", f"{count(run['filled_count'])} values written"]
    if rows.get("skipped"):
        words.append(f"{count(rows['skipped'])} had nothing to look for")
    return (over / total if total else float(run["status"] == "finished")), " · ".join(words)
