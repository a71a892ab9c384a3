"""A chat model at any OpenAI-compatible address (OpenAI, vLLM, Ollama, llama.cpp), and what its failures are.

Loaded only where a chat model is set: langchain-openai takes more than a second to import.
"""

import json
from collections import defaultdict
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import openai
from langchain_core.callbacks import AsyncCallbackManagerForLLMRun
from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.messages.ai import UsageMetadata, add_usage
from langchain_core.outputs import ChatGenerationChunk
from langchain_openai import ChatOpenAI
from pydantic import SecretStr

from assistant.settings import Settings

OPENAI = "https://api.openai.com/v1"
# Three tries in all. The client waits as long as Retry-After says; timeouts add up, so the caller has its own limit.
_RETRIES = 2
# A server of one's own asks for no key, but the client insists on one.
_NO_KEY = SecretStr("none")
# A message the server will not take says nothing about whether the server works.
_OUR_FAULT = frozenset({400, 413, 422})


class BrokenReplyError(Exception):
    """A reply that broke off, or is no reply at all."""


class UnreadableCallError(Exception):
    """A tool call whose arguments are no JSON object; `usage` is what the reply cost."""

    def __init__(self, tool: str, usage: UsageMetadata | None) -> None:
        super().__init__(tool)
        self.tool = tool
        self.usage = usage


# What a server can do to us: refuse, keep silent, or break off.
FAILURES = (openai.OpenAIError, httpx2.HTTPError, TimeoutError, BrokenReplyError)


class OpenAICompatible(ChatOpenAI):
    """Takes a reply only whole: LangChain would mend a call that was cut off, and pass on half a sentence."""

    async def close(self) -> None:
        """Close the connections to the server."""
        await self.root_async_client.close()

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        seen = _Seen()
        try:
            async for chunk in super()._astream(messages, stop, run_manager, **kwargs):
                seen.add(chunk)
                yield chunk
        except json.JSONDecodeError as error:
            raise BrokenReplyError("The reply is no stream of events.") from error
        seen.check()


class _Seen:
    """What has come of a reply so far."""

    def __init__(self) -> None:
        self._finish: str | None = None
        self._names: dict[int | str | None, str] = defaultdict(str)
        self._arguments: dict[int | str | None, str] = defaultdict(str)
        self._usage: UsageMetadata | None = None

    def add(self, chunk: ChatGenerationChunk) -> None:
        """Take note of a piece."""
        self._finish = (chunk.generation_info or {}).get("finish_reason") or self._finish
        message = chunk.message
        if isinstance(message, AIMessageChunk):
            if message.usage_metadata:
                self._usage = add_usage(self._usage, message.usage_metadata)
            for piece in message.tool_call_chunks:
                self._names[piece["index"]] += piece["name"] or ""
                self._arguments[piece["index"]] += piece["args"] or ""

    def check(self) -> None:
        """Find what is missing at the end.

        Raises:
            BrokenReplyError: the reply did not come to its end.
            UnreadableCallError: the arguments of a call are no JSON object.
        """
        if self._finish is None:
            raise BrokenReplyError("The reply broke off.")
        for index, arguments in self._arguments.items():
            # A tool without arguments is often called with nothing at all.
            if arguments and not _is_object(arguments):
                raise UnreadableCallError(self._names[index], self._usage)


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except json.JSONDecodeError:
        return False


def open_chat_model(name: str, settings: Settings) -> OpenAICompatible:
    """The chat model of that name at the address of the settings."""
    return OpenAICompatible(
        model=name,
        base_url=settings.openai_base_url or OPENAI,
        api_key=settings.openai_api_key or _NO_KEY,
        # A stream shows at once that a server is alive, and closing it stops the work there.
        streaming=True,
        # Without this, no server but OpenAI's own would be asked to count tokens.
        stream_usage=True,
        timeout=settings.assistant_timeout,
        stream_chunk_timeout=settings.assistant_timeout,
        max_retries=_RETRIES,
        # One of our own, which can be closed; LangChain's is shared by every event loop of the process.
        http_async_client=openai.DefaultAsyncHttpxClient(timeout=settings.assistant_timeout),
        # Other servers know nothing but chat completions.
        use_responses_api=False,
    )


def is_our_fault(error: Exception) -> bool:
    """Whether a server refused this one message, not us."""
    return isinstance(error, openai.APIStatusError) and error.status_code in _OUR_FAULT
