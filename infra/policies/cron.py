"""The expressions of EventBridge's scheduler, and time zones whose clocks change."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

CRON_FIELDS = {
    "minutes": (0, 59, ""),
    "hours": (0, 23, ""),
    "day of month": (1, 31, r"\?|L|LW|\d+W"),
    "month": (1, 12, ""),
    "day of week": (1, 7, r"\?|L|[1-7]L|[1-7]#[1-5]"),
    "year": (1970, 2199, ""),
}
NAMES = {name: str(number) for number, name in enumerate("JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split(), 1)}
NAMES |= {name: str(number) for number, name in enumerate("SUN MON TUE WED THU FRI SAT".split(), 1)}


def cron(expression):
    """The values that each field of a `cron(...)` stands for, or ValueError. `?`, `L`, `W` and `#` stand for none."""
    found = re.fullmatch(r"cron\((.*)\)", expression)
    fields = found[1].split() if found else []
    if len(fields) != len(CRON_FIELDS):
        raise ValueError("not cron() with six fields")
    if (fields[2] == "?") == (fields[4] == "?"):
        raise ValueError("one of day of month and day of week must be ?, and not both")
    return {name: cron_field(name, text) for name, text in zip(CRON_FIELDS, fields)}


def cron_field(name, text):
    low, high, special = CRON_FIELDS[name]
    if special and re.fullmatch(special, text):
        return set()
    values = set()
    for part in re.sub("[A-Z]{3}", lambda word: NAMES.get(word[0], word[0]), text).split(","):
        found = re.fullmatch(r"(?:\*|(\d+)(?:-(\d+))?)(?:/([1-9]\d*))?", part)
        if not found:
            raise ValueError(f"{name} {text}")
        first, last, step = found.groups()
        start = int(first or low)
        end = int(last) if last else high if step or not first else start
        if not low <= start <= end <= high:
            raise ValueError(f"{name} {text} is outside of {low}-{high}")
        values |= set(range(start, end + 1, int(step or 1)))
    return values


def changes_its_clocks(zone):
    """Whether a zone's offset changes in the years to come."""
    months = (datetime(year, month, 1, tzinfo=ZoneInfo(zone)) for year in range(2026, 2036) for month in range(1, 13))
    return len({month.utcoffset() for month in months}) > 1
