"""Settings from the environment or a ``.env`` file in the working directory."""

from functools import cached_property
from pathlib import Path

from platformdirs import user_data_path
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent
CASEBASE = ROOT / "casebase"
PROMPTS = ROOT / "prompts"


class Settings(BaseSettings):
    """One frozen object, built in the wiring; secrets never appear in its repr."""

    model_config = SettingsConfigDict(env_file=".env", env_file_encoding="utf-8", extra="ignore", frozen=True)

    openai_api_key: SecretStr | None = Field(None, description="Key of the OpenAI-compatible endpoint; none = embedded engine")
    openai_base_url: str | None = Field(None, description="Endpoint of a compatible or local server")
    kikitori_model: str = Field("gpt-4o-mini", description="Chat model used for wording")
    kikitori_embedding: str = Field("use", description="Sentence encoder for cases; 'use' ships with the package")
    kikitori_data: Path = Field(default_factory=lambda: user_data_path("kikitori", appauthor=False))
    database_url: str | None = Field(None, description="SQLAlchemy URL; none = SQLite in the data folder")
    chroma_url: str | None = Field(None, description="http://host:port of a Chroma server; none = embedded")

    @cached_property
    def database(self) -> str:
        """SQLAlchemy URL in force."""
        return self.database_url or f"sqlite:///{self.kikitori_data / 'kikitori.db'}"

    @property
    def has_model(self) -> bool:
        """True when an endpoint is configured (a key, or a local server that needs none)."""
        return bool(self.openai_api_key or self.openai_base_url)
