"""LanguageModel over LangChain and an OpenAI-compatible endpoint. Words only; code checks what comes back.

The only module that knows LangChain's chat models, openai and tiktoken; they are imported when first needed.
"""

import logging
from collections.abc import Sequence
from functools import cache
from string import Template
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from coach.casebase import read_text
from coach.domain import Wording
from coach.errors import ModelError
from coach.settings import PROMPTS, Settings

if TYPE_CHECKING:
    from tiktoken import Encoding

TIMEOUT = 6.0  # seconds for one act; then the embedded wording stands
MAX_TOKENS_IN = 2_000
MAX_LAST_WORDS = 400  # characters
logger = logging.getLogger(__name__)


class Worded(BaseModel):
    """Structured output asked of the model: one utterance for each question, in order."""

    questions: list[str]


class ChatModel:
    """An OpenAI-compatible chat model behind ``LanguageModel``."""

    def __init__(self, settings: Settings) -> None:
        self.name = settings.kikitori_model
        self._settings = settings
        self._chat: Any = None

    def word(self, wordings: Sequence[Wording]) -> list[str]:
        """One utterance for each wording. Raises ``ModelError`` when late, refused or malformed."""
        user = "\n\n".join(render("question.user", **_fields(w)) for w in wordings)
        system = render("question.system")
        if count_tokens(system + user) > MAX_TOKENS_IN:
            raise ModelError("送る文が長すぎるため、組み込みの文面を使います")
        answer = self._ask(system, user)
        if len(answer.questions) != len(wordings):
            raise ModelError("言語モデルの答えの数が合いません")
        return answer.questions

    def _ask(self, system: str, user: str) -> Worded:
        try:
            answer = self._model().invoke([("system", system), ("user", user)])
        except Exception as error:
            raise ModelError(f"言語モデル {self.name} から答えがありません（{type(error).__name__}）") from error
        if not isinstance(answer, Worded):
            raise ModelError(f"言語モデル {self.name} の答えが決まった形ではありません")
        return answer

    def _model(self) -> Any:
        if self._chat is None:
            from langchain.chat_models import init_chat_model

            key = self._settings.openai_api_key
            chat = init_chat_model(
                self.name, model_provider="openai", base_url=self._settings.openai_base_url,
                api_key=key.get_secret_value() if key else "not-needed", timeout=TIMEOUT, max_retries=0, temperature=0.3,
            )  # fmt: skip
            self._chat = chat.with_structured_output(Worded, method="json_schema")
        return self._chat


def _fields(wording: Wording) -> dict[str, str]:
    last = wording.last_words[:MAX_LAST_WORDS].replace("<", "＜").replace(">", "＞")
    return {"step": wording.step, "aspect": wording.aspect, "text": wording.question.text, "last_words": last}


def render(name: str, **values: str) -> str:
    """A prompt of prompts/<name>.md with its ``$names`` filled. Raises ``KeyError`` for a missing one."""
    return Template(read_text(PROMPTS / f"{name}.md")).substitute(values)


@cache
def _encoding() -> "Encoding | None":
    """Tiktoken's encoding when it is already on this machine; never downloaded on the way to an answer."""
    import os
    from pathlib import Path

    cached = os.environ.get("TIKTOKEN_CACHE_DIR") or os.environ.get("DATA_GYM_CACHE_DIR")
    if not cached or not Path(cached).is_dir() or not any(Path(cached).iterdir()):
        return None
    import tiktoken

    return tiktoken.get_encoding("o200k_base")


def count_tokens(text: str) -> int:
    """Tokens of ``text``; without tiktoken's encoding an over-estimate: one token per UTF-8 character plus a tenth."""
    encoding = _encoding()
    return len(encoding.encode(text)) if encoding else int(len(text) * 1.1) + 1
