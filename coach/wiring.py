"""Settings → services. The only module that knows every adapter; each is imported when first needed."""

import os
from collections.abc import Callable
from functools import cached_property

from coach.casebase import Casebase, load
from coach.domain import CaseSearch, LanguageModel
from coach.hearing import Coach
from coach.settings import Settings
from coach.store import Store, connect

for _name, _value in {"ANONYMIZED_TELEMETRY": "False", "LANGCHAIN_TRACING_V2": "false", "LANGSMITH_TRACING": "false"}.items():
    os.environ[_name] = _value

Progress = Callable[[int, int], object]


class Services:
    """What a running installation has, made on first use."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()  # pyright: ignore[reportCallIssue] - pydantic-settings fills the fields

    @cached_property
    def base(self) -> Casebase:
        """The casebase that ships."""
        return load()

    @cached_property
    def store(self) -> Store:
        """Hearings in the data folder or at DATABASE_URL."""
        return Store(connect(self.settings.database, self.settings.kikitori_data))

    def search(self, progress: Progress | None = None) -> CaseSearch:
        """Case search with its index built or opened."""
        from coach import retrieval

        encoders = {"use": retrieval.UseEncoder}
        make = encoders.get(self.settings.kikitori_embedding, retrieval.UseEncoder)
        folder = self.settings.kikitori_data / "index"
        return retrieval.build(list(self.base.cases.values()), folder, self.settings.chroma_url, make, progress)

    def model(self) -> LanguageModel | None:
        """The language model, or None for the embedded engine alone."""
        if not self.settings.has_model:
            return None
        from coach.model import ChatModel

        return ChatModel(self.settings)

    def coach(self, progress: Progress | None = None) -> Coach:
        """Everything an act needs."""
        return Coach(self.base, self.search(progress), self.model())

    @cached_property
    def light_coach(self) -> Coach:
        """A coach that searches cases by words alone: for acts that need no case, at a tenth of the start-up."""
        from coach.retrieval import HybridSearch

        return Coach(self.base, HybridSearch(list(self.base.cases.values()), None, None), None)
