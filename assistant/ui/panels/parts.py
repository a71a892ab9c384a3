"""Small pieces every panel is made of: numbers with units, marks of severity, links. All text of data is escaped here."""

from collections.abc import Sequence
from datetime import datetime
from html import escape
from urllib.parse import quote
from zoneinfo import ZoneInfo

from assistant.ui import wording
from tools.quantity import Quantity

# Digits behind the point, by unit: as many as a person can act on.
_DIGITS = {"V": 2, "mV": 0, "A": 1, "°C": 1, "%": 1, "mΩ": 3, "mA": 0, "h": 1, "min": 0}


def text(words: object) -> str:
    """Words as they are, for a place in HTML; braces and dollars too, which Gradio would read as a template."""
    spelt = escape(str(words), quote=True)
    return spelt.replace("$", "&#36;").replace("{", "&#123;").replace("}", "&#125;")


def number(figure: Quantity) -> str:
    """A figure with its unit, or that there is no data."""
    if figure.value is None:
        return f'<span class="none">{wording.NO_DATA}</span>' if figure.text is None else text(figure.text)
    unit = f'&nbsp;<span class="unit">{text(figure.unit)}</span>' if figure.unit else ""
    return f'<span class="figure">{amount(figure)}{unit}</span>'


def amount(figure: Quantity) -> str:
    """A figure without its unit, for places that name the unit once."""
    if figure.value is None:
        return wording.NO_DATA
    digits = 0 if figure.statistic == "score" else _DIGITS.get(figure.unit, 0 if figure.value.is_integer() else 1)
    return _shown(figure.value, digits)


def _shown(value: float, digits: int) -> str:
    """Without a minus before what is rounded to nothing, which would flicker around zero."""
    shown = f"{value:,.{digits}f}"
    return shown.removeprefix("-") if float(shown.replace(",", "")) == 0 else shown


def count(figure: Quantity) -> str:
    """A count as a whole number."""
    return wording.NO_DATA if figure.value is None else f"{figure.value:,.0f}"


def mark(kind: str, words: str) -> str:
    """A dot in the colour of a severity or band, and its word: colour alone is not enough."""
    return f'<span class="mark {text(kind)}">{text(words)}</span>'


def link(address: str, words: str, *, name: str = "", current: bool = False) -> str:
    """A link that changes what this page looks at. `words` are HTML already."""
    label = f' aria-label="{text(name)}"' if name else ""
    here = ' aria-current="true"' if current else ""
    return f'<a href="{text(address)}" data-look data-key="{text(address)}"{label}{here}>{words}</a>'


def ask_link(question: str, words: str = wording.ASK_ABOUT) -> str:
    """A link that opens the chat with a question or a wish filled in."""
    name = wording.ask_about(question)
    return (
        f'<a class="ask" href="/chat?ask={quote(question)}" data-key="ask {text(question)}" title="{text(name)}" '
        f'aria-label="{text(name)}">{words}</a>'
    )


def moment(at: datetime | None, zone: str, now: datetime) -> str:
    """A moment on the viewer's clock, with its day where that is not today."""
    if at is None:
        return f'<span class="none">{wording.NEVER}</span>'
    local, today = at.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone)).date()
    words = f"{local:%H:%M}" if local.date() == today else f"{local.day} {local:%b %H:%M}"
    return f'<time datetime="{at.isoformat()}" title="{local:%Y-%m-%d %H:%M:%S %Z}">{words}</time>'


def panel(title: str, inside: str, *, note: str = "", kind: str = "") -> str:
    """A panel with its heading. `inside` and `note` are HTML already."""
    side = f'<span class="note">{note}</span>' if note else ""
    return (
        f'<section class="panel {kind}" aria-label="{text(title)}"><header><h2>{text(title)}</h2>{side}</header>'
        f"{inside}</section>"
    )


def quiet(words: str) -> str:
    """A sentence in place of what is not there."""
    return f'<p class="quiet">{text(words)}</p>'


def loading(title: str) -> str:
    """A panel that waits for its data."""
    return f'<section class="panel" aria-busy="true" aria-label="{text(title)}">{quiet(wording.LOADING)}</section>'


def failed(title: str, words: str) -> str:
    """A panel whose data could not be had, with the reason; it is tried again at the next refresh."""
    return panel(title, f'<p class="failed" role="status">{text(words)} {wording.TRIED_AGAIN}</p>')


def table(headings: Sequence[str], rows: Sequence[Sequence[str]], name: str) -> str:
    """A table; cells are HTML already. Its headings are repeated in each cell for narrow screens."""
    head = "".join(f'<th scope="col">{text(one)}</th>' for one in headings)
    body = "".join(
        "<tr>"
        + "".join(
            f'<td data-label="{text(heading)}">{cell}</td>' for heading, cell in zip(headings, row, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    return f'<table aria-label="{text(name)}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
