"""The pages of the assistant as one Gradio site; each page is a file of its own."""

import gradio as gr

from assistant.ui import wording
from assistant.ui.chat import AT_ONCE, ChatPage
from assistant.ui.manuals import ManualsPage
from assistant.wiring import Assistant


def build_site(assistant: Assistant) -> gr.Blocks:
    """All pages. The chat stands at `/` and at `/chat`, the manuals beside it."""
    site = gr.Blocks(title=wording.NAME, analytics_enabled=False, fill_width=True)
    with site:
        ChatPage(assistant, site)
    with site.route(wording.CHAT_PAGE, "/chat", show_in_navbar=False):
        ChatPage(assistant, site)
    with site.route(wording.MANUALS_PAGE, "/manuals", show_in_navbar=False):
        ManualsPage()
    site.queue(api_open=False, default_concurrency_limit=AT_ONCE)
    return site
