"""The pages of the assistant as one Gradio site; each page is a file of its own."""

import gradio as gr

from assistant.ui import wording
from assistant.ui.chat import AT_ONCE, ChatPage
from assistant.ui.dashboard import DashboardPage
from assistant.ui.geo import GeoPage
from assistant.ui.manuals import ManualsPage
from assistant.wiring import Assistant


def build_site(assistant: Assistant) -> gr.Blocks:
    """All pages: the dashboard at `/`, the map, the chat and the manuals beside it; each has the menu in its own top."""
    site = gr.Blocks(title=wording.NAME, analytics_enabled=False, fill_width=True)
    with site:
        DashboardPage(assistant, site)
    with site.route(wording.MAP_PAGE, "/geo-dashboard", show_in_navbar=False):
        GeoPage(assistant, site)
    with site.route(wording.CHAT_PAGE, "/chat", show_in_navbar=False):
        ChatPage(assistant, site)
    with site.route(wording.MANUALS_PAGE, "/manuals", show_in_navbar=False):
        ManualsPage()
    site.queue(api_open=False, default_concurrency_limit=AT_ONCE)
    return site
