"""Everything that can go wrong with documents and their index, each error with what would work instead."""


class KnowledgeError(Exception):
    """An error the asker can do something about."""

    code = "documents_error"

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class DocumentError(KnowledgeError):
    """A file that cannot become a document: broken, locked, empty, too big or of an unknown kind."""

    code = "bad_document"


class UnknownDocumentError(KnowledgeError):
    """No added document of that name."""

    code = "unknown_document"


class UnknownFilterError(KnowledgeError):
    """A model or an alarm that no document speaks of."""

    code = "unknown_filter"


class IndexFailedError(KnowledgeError):
    """The index cannot be read or written."""

    code = "index_error"


class IndexGoneError(IndexFailedError):
    """A build that another process has replaced and cleared away."""


class IndexBusyError(KnowledgeError):
    """Another process writes the index."""

    code = "index_busy"


class ShippedDocumentError(KnowledgeError):
    """A document that belongs to the product and cannot be removed."""

    code = "shipped_document"


class EmbeddingFailedError(KnowledgeError):
    """An embedding model elsewhere that is not set up, not there, or gives no vectors."""

    code = "embeddings_error"
