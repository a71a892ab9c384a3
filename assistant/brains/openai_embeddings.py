"""Sentence vectors from an embedding model at any OpenAI-compatible address; loaded only where one is set."""

from collections.abc import Sequence

import numpy as np
import openai

from assistant.settings import Settings
from knowledge.embedding import Array
from knowledge.errors import EmbeddingFailedError

OPENAI = "https://api.openai.com/v1"
# Servers take some hundred texts at once, at the most.
_BATCH = 96
_SECONDS, _RETRIES = 30.0, 2


class OpenAIEmbedder:
    """Embeds over the network; what is indexed and what is asked leaves this machine."""

    def __init__(self, model: str, settings: Settings) -> None:
        """`model` at the address of the settings.

        Raises:
            EmbeddingFailedError: the address is OpenAI's own and there is no key.
        """
        key = settings.openai_api_key
        if key is None and settings.openai_base_url is None:
            raise EmbeddingFailedError(
                f"EMBEDDING_MODEL is {model}, and there is neither a key nor an address for it.",
                "Set OPENAI_API_KEY or OPENAI_BASE_URL, or take EMBEDDING_MODEL away to embed on this machine.",
            )
        address = settings.openai_base_url or OPENAI
        self._model = model
        # Two servers may call different models the same.
        self.name = f"{model} at {address}"
        self._client = openai.OpenAI(
            # A server of one's own asks for no key, but the client insists on one.
            api_key=key.get_secret_value() if key else "none",
            base_url=address,
            timeout=_SECONDS,
            max_retries=_RETRIES,
        )

    def embed(self, texts: Sequence[str]) -> Array:
        """One row a text, of length 1.

        Raises:
            EmbeddingFailedError: the server refuses, is not there, or answers with something else.
        """
        parts = [self._asked(texts[start : start + _BATCH]) for start in range(0, len(texts), _BATCH)]
        widths = {part.shape[1] for part in parts}
        if len(widths) != 1:
            raise self._failure(f"vectors of {sorted(widths)} numbers")
        rows = np.concatenate(parts)
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        if not np.isfinite(lengths).all() or not lengths.all():
            raise self._failure("vectors that are no numbers")
        unit: Array = rows / lengths
        return unit

    def _asked(self, texts: Sequence[str]) -> Array:
        try:
            answer = self._client.embeddings.create(model=self._model, input=list(texts), encoding_format="float")
        except openai.OpenAIError as error:
            raise EmbeddingFailedError(
                f"The embedding model {self.name} did not answer: {type(error).__name__}.",
                "Look whether the server is there and the key is right; the index stays as it is.",
            ) from error
        vectors = [one.embedding for one in sorted(answer.data, key=lambda one: one.index)]
        if len(vectors) != len(texts) or len({len(vector) for vector in vectors}) != 1:
            raise self._failure(f"{len(vectors)} vectors for {len(texts)} texts")
        return np.array(vectors, dtype=np.float32)

    def _failure(self, what: str) -> EmbeddingFailedError:
        return EmbeddingFailedError(f"The embedding model {self.name} answered with {what}.", "Choose another model.")
