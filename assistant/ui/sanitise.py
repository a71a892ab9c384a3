"""Makes the Markdown of an answer safe to show: no images, no foreign links, no HTML but a few plain tags.

Gradio cleans what it renders as well, but it loads images from anywhere and keeps forms. The text of an answer may
repeat what stood in a database or a manual, so nothing in it may reach out or be clicked.
"""

import re

import nh3

# Plain marks of text; none of them can load or run anything.
TAGS = {"b", "br", "code", "em", "i", "li", "ol", "p", "strong", "sub", "sup", "table", "tbody", "td", "th", "thead",
        "tr", "ul"}  # fmt: skip
# A link of ours is a path of this server: one slash, then no second one, which would name another host.
_OWN_LINK = re.compile(r"(?<!!)\[([^\[\]\n]+)\]\((/(?!/)[\w\-./?=#]*)\)")
_HELD = "\ue000{}\ue001"


def safe_markdown(text: str) -> str:
    """The same text with its bold, lists and tables, and nothing that can load, run or be clicked elsewhere."""
    text = text.replace("\ue000", "").replace("\ue001", "")
    cleaned = nh3.clean(text, tags=TAGS, attributes={}, url_schemes=set())
    # A line of a quotation begins with the sign that cleaning spells out.
    cleaned = re.sub(r"(?m)^&gt;(?= |$)", ">", cleaned)
    kept: list[str] = []

    def hold(match: re.Match[str]) -> str:
        kept.append(f"[{_disarm(match[1])}]({match[2]})")
        return _HELD.format(len(kept) - 1)

    disarmed = _disarm(_OWN_LINK.sub(hold, cleaned))
    for index, link in enumerate(kept):
        disarmed = disarmed.replace(_HELD.format(index), link)
    return disarmed


def _disarm(text: str) -> str:
    """Spell what could begin a link or an image as an entity, which Markdown shows and does not act on.

    Each kind begins with one of these: `[` of a link, image or reference, `://` and `www.` of a bare address, and
    the @ of a mail address.
    """
    text = text.replace("[", "&#91;").replace("]", "&#93;").replace("://", "&#58;//").replace("@", "&#64;")
    return re.sub(r"(?i)\b(www)\.", r"\1&#46;", text)


def plain_text(text: str) -> str:
    """The text as it was typed, for a place that reads Markdown: every mark of it becomes an entity."""
    marked = re.sub(r"[^\w\s]", lambda found: f"&#{ord(found.group())};", text)
    # Four spaces would begin a block of code.
    return re.sub(r"(?m)^[ \t]+", "", marked)
