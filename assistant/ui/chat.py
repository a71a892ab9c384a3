"""The chat page: a question box, examples to begin with, and the conversation of this tab."""

from collections.abc import AsyncIterator
from typing import Any
from zoneinfo import available_timezones

import gradio as gr

from assistant.agent.budgets import LONGEST_MESSAGE
from assistant.ui import wording
from assistant.ui.asking import Asker, ask, last_question, messages_of
from assistant.ui.transcript import Message, notice
from assistant.wiring import Assistant
from tools.errors import BatteryError

# So many people are answered at once; Gradio's own default is one.
AT_ONCE = 16
EXAMPLES = 6
# The address of the tab says which conversation it is: a session on the server would not outlive a restart.
ASK_JS = "(question) => { battery.follow(); return [question, battery.conversation(), battery.zone()]; }"
AGAIN_JS = "() => { battery.follow(); return [battery.current(), battery.zone()]; }"
RESUME_JS = "() => [battery.current(), battery.zone(), battery.linked()]"
ARRIVED_JS = "() => battery.arrived()"
SETTLE_JS = "() => battery.settle()"
CAN_SEND_JS = "(text) => ({ __type__: 'update', interactive: text.trim().length > 0 })"
Updates = dict[Any, Any]


class ChatPage:
    """The components of one chat page and what happens between them."""

    def __init__(self, assistant: Assistant, site: gr.Blocks) -> None:
        self._assistant = assistant
        with gr.Column(elem_id="chat-page"):
            with gr.Row(elem_id="top"):
                gr.HTML(f"<h1>{wording.NAME}</h1>", elem_id="name")
                self._again = gr.Button(wording.AGAIN, elem_id="again", size="sm", visible=False)
            with gr.Column(elem_id="welcome") as self._welcome:
                self._greeting = gr.Markdown(_greeting(wording.WELCOME_MORE))
                with gr.Row(elem_id="examples"):
                    self._examples = [gr.Button("", elem_classes="example", visible=False) for _ in range(EXAMPLES)]
            self._chat = gr.Chatbot(
                elem_id="conversation",
                visible=False,
                show_label=False,
                container=False,
                buttons=[],
                latex_delimiters=[],
                allow_tags=False,
            )
            with gr.Row(elem_id="composer"):
                self._message = gr.Textbox(
                    elem_id="message",
                    label=wording.ASK,
                    placeholder=wording.ASK_HINT,
                    show_label=False,
                    container=False,
                    autofocus=True,
                    max_lines=6,
                    max_length=LONGEST_MESSAGE,
                )
                self._send = gr.Button(wording.SEND, elem_id="send", variant="primary", interactive=False)
                self._stop = gr.Button(wording.STOP, elem_id="stop", visible=False)
            # Filled by JavaScript with what the browser knows: conversation and time zone.
            self._here = [gr.Textbox(visible=False), gr.Textbox(visible=False)]
            self._linked = gr.Textbox(visible=False)
            # Pressed by JavaScript when another conversation is chosen from the list.
            self._open = gr.Button(wording.OPEN, elem_id="open", visible="hidden")
        self._connect(site)

    def _connect(self, site: gr.Blocks) -> None:
        quiet: Any = {"api_visibility": "private", "show_progress": "hidden", "concurrency_limit": AT_ONCE}
        answer = [self._chat, self._welcome, self._message, self._send, self._stop, self._again]
        asked = [
            gr.on([self._message.submit, self._send.click], self._ask, [self._message, *self._here], answer,
                  js=ASK_JS, **quiet),
            *(example.click(self._ask, [example, *self._here], answer, js=ASK_JS, **quiet)
              for example in self._examples),
            self._again.click(self._ask_again, self._here, answer, js=AGAIN_JS, **quiet),
        ]  # fmt: skip
        for event in asked:
            event.then(None, js=SETTLE_JS)
        self._message.change(None, self._message, self._send, js=CAN_SEND_JS)
        resumed = [*self._here, self._linked]
        # Only after the turn has been stopped: what it still had to say would overwrite the page as it is shown then.
        self._stop.click(None, cancels=asked).then(self._resume, resumed, answer, js=RESUME_JS, **quiet)
        self._open.click(self._resume, resumed, answer, js=RESUME_JS, cancels=asked, **quiet).then(
            None, js=ARRIVED_JS
        )
        site.load(self._greet, None, [self._greeting, *self._examples], **quiet)
        site.load(self._resume, resumed, answer, js=RESUME_JS, **quiet).then(None, js=ARRIVED_JS)

    async def _ask(
        self, question: str, conversation_id: str, time_zone: str, request: gr.Request
    ) -> AsyncIterator[Updates]:
        if not question.strip():
            yield {self._message: ""}
            return
        asker = self._asker(conversation_id, time_zone, request)
        first = True
        async for messages in ask(self._assistant, asker, question):
            yield self._begun(messages) if first else {self._chat: gr.update(value=messages)}
            first = False
        yield self._idle() | {self._again: gr.update(visible=True)}

    async def _ask_again(self, conversation_id: str, time_zone: str, request: gr.Request) -> AsyncIterator[Updates]:
        question = last_question(self._assistant, self._asker(conversation_id, time_zone, request))
        async for updates in self._ask(question, conversation_id, time_zone, request):
            yield updates

    def _resume(self, conversation_id: str, time_zone: str, linked: str, request: gr.Request) -> Updates:
        """The conversation of the address as the ledger holds it: after a reload, a stop, a choice from the list."""
        if not conversation_id:
            return self._start_anew()
        try:
            messages = messages_of(self._assistant, self._asker(conversation_id, time_zone, request), linked)
        except BatteryError as error:
            messages = [
                Message(role="assistant", content=notice(f"{error.message} {error.hint}".strip(), is_error=True))
            ]
        return self._holding(messages) | self._idle() if messages else self._start_anew()

    def _greet(self, request: gr.Request) -> Updates:
        """Examples that name a site and a device of the person's fleet as it is now."""
        fleet = self._assistant.views.of(self._assistant.person(request.username)).store.fleet()
        if not fleet.sites or not fleet.devices:
            return {self._greeting: _greeting(wording.NO_FLEET)}
        # The second of each: the first of a list is the one everybody asks about anyway.
        site, device = fleet.sites[:2][-1], fleet.devices[:2][-1]
        questions = wording.examples(site.name, device.device_id)
        return {
            button: gr.update(value=question, visible=True)
            for button, question in zip(self._examples, questions, strict=True)
        }

    def _asker(self, conversation_id: str, time_zone: str, request: gr.Request) -> Asker:
        """Who asks, which the request says and no component could."""
        known = time_zone if time_zone in available_timezones() else "UTC"
        return Asker(self._assistant.person(request.username), conversation_id, known)

    def _start_anew(self) -> Updates:
        return self._holding([]) | self._idle()

    def _begun(self, messages: list[Message]) -> Updates:
        return self._holding(messages) | {
            self._message: "",
            self._send: gr.update(visible=False),
            self._stop: gr.update(visible=True),
            self._again: gr.update(visible=False),
        }

    def _idle(self) -> Updates:
        return {self._send: gr.update(visible=True), self._stop: gr.update(visible=False)}

    def _holding(self, messages: list[Message]) -> Updates:
        """The page with these messages; without any it greets."""
        some = bool(messages)
        return {
            self._chat: gr.update(value=messages, visible=some),
            self._welcome: gr.update(visible=not some),
            self._again: gr.update(visible=some),
        }


def _greeting(more: str) -> str:
    return f"## {wording.WELCOME}\n\n{more}"
