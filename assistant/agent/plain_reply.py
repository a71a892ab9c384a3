"""Reduces the reply of a chat model to what is kept of it: words without thoughts and addresses, and its calls."""

import re
import uuid

from langchain_core.messages import AIMessage

# Models that think aloud are often served without anything that takes their thoughts out.
_THOUGHTS = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL)
# A picture is fetched by whoever shows it, with all that its address says: a way out for what the model has read.
_PICTURE = re.compile(r"!\[[^\]]*\](?:\([^)]*\)|\[[^\]]*\])|<[a-zA-Z/][^>]*>")
_LINK = re.compile(r"\[([^\]]+)\]\([^)]*\)")
_LINK_TARGET = re.compile(r"(?m)^\s*\[[^\]]+\]:\s*\S+.*$")


def plain_reply(message: AIMessage, *, may_call: bool = True) -> AIMessage:
    """The reply with its words, its calls, what it cost and why it ended."""
    # Some servers leave the id of a call out, or give the same one twice.
    calls = [call | {"id": f"call_{uuid.uuid4().hex[:12]}"} for call in message.tool_calls] if may_call else []
    return AIMessage(
        plain_words(str(message.text)),
        tool_calls=calls,
        usage_metadata=message.usage_metadata,
        response_metadata=message.response_metadata,
    )


def plain_words(text: str) -> str:
    """The words without thoughts, tags, pictures and addresses."""
    said = _PICTURE.sub("", _THOUGHTS.sub("", text))
    return _LINK_TARGET.sub("", _LINK.sub(r"\1", said)).strip()
