"""How the pages look: system fonts, slate greys, one quiet green-blue; the same in light and dark."""

import json
from pathlib import Path

import gradio as gr

from assistant.ui import wording

_HERE = Path(__file__).parent
STYLE_SHEET = _HERE / "site.css"
# For what stands beside Gradio's own container; of other sheets Gradio makes rules that hold inside of it only.
OUTER_SHEETS = (_HERE / "history.css", _HERE / "dialogs.css")
# In this order: each uses what those before it give.
SCRIPTS = tuple(
    _HERE / name for name in ("site.js", "dialogs.js", "history.js", "account.js", "turn_actions.js", "charts.js")
)
# No font is fetched from anywhere: each system's own, and on Linux, where that is unsettled, the first good one.
FONTS = ("-apple-system", "Segoe UI", "Roboto", "Inter", "Noto Sans", "Cantarell", "system-ui", "sans-serif")
FIXED_WIDTH_FONTS = ("ui-monospace", "SF Mono", "Menlo", "Consolas", "monospace")
ICON = (
    "<link rel='icon' href='data:image/svg+xml,"
    "<svg xmlns=%22http://www.w3.org/2000/svg%22 viewBox=%220 0 32 32%22>"
    "<rect x=%222%22 y=%229%22 width=%2225%22 height=%2216%22 rx=%223%22 fill=%22%230f766e%22/>"
    "<rect x=%2227%22 y=%2213%22 width=%223%22 height=%228%22 rx=%221%22 fill=%22%230f766e%22/>"
    "<rect x=%225%22 y=%2212%22 width=%2213%22 height=%2210%22 rx=%221%22 fill=%22%23ffffff%22/></svg>'>"
)


def theme() -> gr.themes.Base:
    """The theme of every page."""
    return gr.themes.Base(
        primary_hue="teal",
        neutral_hue="slate",
        text_size="md",
        radius_size="md",
        font=FONTS,
        font_mono=FIXED_WIDTH_FONTS,
    ).set(
        body_background_fill="#fbfcfd",
        body_background_fill_dark="#11161d",
        background_fill_primary_dark="#11161d",
        background_fill_secondary_dark="#171d26",
        block_background_fill_dark="#171d26",
        body_text_color="*neutral_800",
        body_text_color_dark="#dfe5ec",
        body_text_color_subdued="*neutral_500",
        body_text_color_subdued_dark="#98a3b1",
        border_color_primary="*neutral_200",
        border_color_primary_dark="#2a333f",
        input_background_fill_dark="#171d26",
        button_primary_background_fill="*primary_700",
        button_primary_background_fill_hover="*primary_800",
        button_primary_background_fill_dark="*primary_700",
        button_primary_background_fill_hover_dark="*primary_600",
        button_primary_text_color="white",
        button_secondary_background_fill="white",
        button_secondary_background_fill_dark="#171d26",
        shadow_drop="none",
        shadow_drop_lg="none",
        block_shadow="none",
    )


def head() -> str:
    """What goes into the head of every page: the icon, the outer styles, our scripts and their words."""
    styles = "\n".join(sheet.read_text(encoding="utf-8") for sheet in OUTER_SHEETS)
    words = f"window.batteryWords = {json.dumps(wording.IN_SCRIPTS)};"
    scripts = "\n".join(script.read_text(encoding="utf-8") for script in SCRIPTS)
    return f"{ICON}<style>{styles}</style><script>{words}\n{scripts}</script>"
