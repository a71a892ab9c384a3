"""Model files: written as skops with their SHA-256, loaded only if both the hash and every type in them are known."""

import hashlib
import os
from pathlib import Path

from tools.errors import UnsafeModelFileError
from tools.mlops.candidates import Classifier

# What our candidates are made of beyond what skops trusts by itself. Kept in code: a list inside the file or
# beside it could be changed together with the file.
ALLOWED_TYPES = frozenset(
    {
        "numpy.dtype",
        "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
        "sklearn.tree._tree.Tree",
    }
)


def write_model(model: Classifier, path: Path) -> str:
    """Write a model; gives the SHA-256 of its file. A file that is there is whole."""
    from skops import io  # noqa: PLC0415  loads scikit-learn

    content: bytes = io.dumps(model)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    aside = path.with_suffix(".part")
    with aside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)
    return hashlib.sha256(content).hexdigest()


def read_model(path: Path, sha256: str) -> Classifier:
    """Load a model whose file is exactly the one that was written.

    Raises:
        UnsafeModelFileError: the file is missing, differs from its hash, or holds a type that is not allowed.
    """
    # Forged trees can crash the process even where every type is allowed, so the hash is looked at first.
    content = checked_content(path, sha256)
    from skops import io  # noqa: PLC0415  loads scikit-learn

    strange = sorted(set(io.get_untrusted_types(data=content)) - ALLOWED_TYPES)
    if strange:
        raise UnsafeModelFileError(
            f"The model file {path.name} holds types that are not allowed: {', '.join(strange)}.",
            "Train the model again.",
        )
    return io.loads(content, trusted=sorted(ALLOWED_TYPES))


def checked_content(path: Path, sha256: str) -> bytes:
    """The bytes of a model file, if they are those that were written.

    Raises:
        UnsafeModelFileError: the file is missing or differs from its hash.
    """
    if not path.is_file():
        raise UnsafeModelFileError(f"The model file {path.name} is missing.", "Roll back, or train the model again.")
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise UnsafeModelFileError(
            f"The model file {path.name} is not the one that was written: its SHA-256 differs.",
            "Roll back, or train the model again.",
        )
    return content
