"""The words people say times with, and the patterns they make: numbers, units, months, days, clocks."""

from datetime import UTC, datetime, timedelta

DAY = timedelta(days=1)
MONTH = timedelta(days=30)
# Before any battery monitor spoke UTC: the begin of "ever".
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
NUMBERS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "couple of": 2, "couple": 2, "few": 3,
    "fourteen": 14, "twenty": 20, "twenty four": 24, "thirty": 30, "forty eight": 48,
}  # fmt: skip
MONTHS = {
    name: number
    for number, names in enumerate(
        ("january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
         "september sep sept", "october oct", "november nov", "december dec"), 1,
    )
    for name in names.split()
}  # fmt: skip
WEEKDAYS = {
    name: number
    for number, names in enumerate(
        ("monday mon", "tuesday tue tues", "wednesday wed", "thursday thu thurs", "friday fri", "saturday sat",
         "sunday sun")
    )
    for name in names.split()
}  # fmt: skip
UNITS = {
    "minute": timedelta(minutes=1), "min": timedelta(minutes=1), "mins": timedelta(minutes=1),
    "hour": timedelta(hours=1), "hr": timedelta(hours=1), "hrs": timedelta(hours=1), "h": timedelta(hours=1),
    "day": DAY, "d": DAY, "week": 7 * DAY, "wk": 7 * DAY, "fortnight": 14 * DAY, "month": MONTH, "year": timedelta(days=365),
}  # fmt: skip
PARTS = {"morning": (6, 12), "afternoon": (12, 18), "evening": (18, 22), "night": (22, 30)}
COUNT = r"(?P<n>\d+|" + "|".join(sorted(NUMBERS, key=len, reverse=True)) + ")"
UNIT = r"(?P<u>minutes?|mins?|hours?|hrs?|h|days?|d|weeks?|wks?|fortnights?|months?|years?)"
MONTH_NAME = "(?:" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")\.?"
WEEKDAY_NAME = "(?:" + "|".join(sorted(WEEKDAYS, key=len, reverse=True)) + ")"
ORDINAL = r"\d{1,2}(?:st|nd|rd|th)?"
DATE = (
    rf"(?:\d{{4}}-\d{{2}}-\d{{2}}|\d{{1,2}}\.\d{{1,2}}\.\d{{4}}|(?:{WEEKDAY_NAME},? )?(?:the )?{ORDINAL}(?: of)? {MONTH_NAME}(?:,? \d{{4}})?"
    rf"|\d{{1,2}}/\d{{1,2}}(?:/\d{{4}})?|{MONTH_NAME} (?:the )?{ORDINAL}(?!\d)(?:,? \d{{4}})?|the \d{{1,2}}(?:st|nd|rd|th))"
)
RELATIVE_DAY = r"(?:yday|the day before yesterday|day before yesterday|yesterday|today|tomorrow)"
ANY_DAY = rf"(?:{RELATIVE_DAY}|{DATE}|(?:last |this |on )?{WEEKDAY_NAME}(?:day)?)"
PART_OF_DAY = r"(?:morning|afternoon|evening|night)"
CLOCK = r"(?:\d{1,2}:\d{2}(?: ?[ap]\.?m\.?)?|\d{1,2} ?[ap]\.?m\.?|noon|midnight|midday|\d{1,2} ?o'?clock)"
LOOSE_CLOCK = rf"(?:{CLOCK}|\d{{1,2}})"
