"""The manuals page: every document that is searched, with a way to add one and to remove an added one."""

import gradio as gr

from assistant.ui import wording
from assistant.ui.panels.top import top

# Filled and refreshed by manuals.js over the API, so that page and API cannot differ in what they allow.
_PAGE = """<main id="manuals" aria-busy="true">
<header>{menu}</header>
<div class="manuals-lead"><div><h2>{manuals}</h2><p>{more}</p></div><div class="manuals-add"></div></div>
<div class="manuals-said" role="status"></div>
<div class="manuals-lists"></div>
</main>"""


class ManualsPage:
    """The frame of the page; the documents come over the API."""

    def __init__(self) -> None:
        gr.HTML(
            _PAGE.format(menu=top("/manuals"), manuals=wording.MANUALS_PAGE, more=wording.MANUALS_MORE),
            padding=False,
        )
