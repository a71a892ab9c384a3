"""What a document is, what is indexed of it, and what a search gives back."""

import hashlib
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints


class Frozen(BaseModel):
    """Made once, never changed."""

    model_config = ConfigDict(frozen=True)


# Both stand in answers outside of the quotation, so neither may hold a line of its own or look like a source.
DocumentId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Title = Annotated[str, AfterValidator(lambda title: " ".join(title.split())), StringConstraints(max_length=160)]


class DocumentFacts(Frozen):
    """The front matter of a document; without models or alarms it applies to all of them."""

    id: DocumentId
    title: Title
    revision: int = Field(ge=1)
    date: date
    supersedes: int | None = None
    models: tuple[str, ...] = ()
    alarms: tuple[str, ...] = ()
    source: str

    @property
    def key(self) -> str:
        """Unique among documents."""
        return f"{self.id}/{self.revision}"

    @property
    def subject(self) -> str:
        """The title in short: without what kind of document it is and without the list of its parts."""
        return self.title.removeprefix("Alarm response: ").split(":")[0]

    @property
    def site(self) -> str | None:
        """The site a site sheet is about, in capitals as in its id, for example "HARBOR"; None of other documents."""
        before, _, name = self.id.partition("SITE-")
        return name.upper() if name and not before else None


class Document(Frozen):
    """A document as it was read: its facts and its text as Markdown."""

    facts: DocumentFacts
    text: str
    answers: tuple[str, ...] = Field((), description="Questions it answers, in the words of those who ask")


class Chunk(Frozen):
    """A piece of one section that is found and quoted as a whole."""

    facts: DocumentFacts
    section: str
    position: int = Field(description="Place in the document, from 0")
    text: str

    @property
    def key(self) -> str:
        """Unique in an index."""
        return f"{self.facts.key}/{self.position}"

    @property
    def searched_text(self) -> str:
        """What is compared with a question: a step says little without the title it stands under."""
        return f"{self.facts.title}. {self.section}. {self.text}"

    @property
    def text_hash(self) -> str:
        """Changes when what is compared with a question changes."""
        return hashlib.sha256(self.searched_text.encode()).hexdigest()


class Asked(Frozen):
    """A question and which documents may answer it; without models, an alarm or sites, all of them."""

    question: str
    models: tuple[str, ...] = ()
    alarm: str | None = None
    include_superseded: bool = False
    sites: tuple[str, ...] | None = Field(
        None, description="Names of sites whose sheets may answer; None is every one"
    )


class Question(Frozen):
    """A question that a document answers, or, without a document, one that none of them does."""

    document: str | None = Field(description="Id and revision, as in `DocumentFacts.key`")
    text: str

    @property
    def text_hash(self) -> str:
        """Changes when the question does."""
        return hashlib.sha256(self.text.encode()).hexdigest()


class Passage(Frozen):
    """A place in a document that bears on a question, quoted word for word."""

    document: str
    title: str
    section: str
    revision: int
    date: date
    is_newest: bool = Field(description="False for a revision that a newer one replaces")
    quote: str = Field(description="A few sentences, steps or table rows, as they stand")
    score: float = Field(description="The chance that its document answers the question, 0 to 1")


class Found(Frozen):
    """The best passages for a question, or none where the documents do not answer it."""

    question: str
    passages: tuple[Passage, ...]
    is_in_documents: bool
    best_score: float | None = Field(description="Score of the best document, also where it is too low")
    elsewhere_score: float = Field(description="Likeness to questions that no manual answers, 0 to 1")
