"""Read what is in prompts/: templates, cues and follow-ups. A mistake names file, line and field."""

import re
from functools import cache
from string import Template

import yaml
from pydantic import Field

from coach.casebase import parse_yaml, read_text, validate
from coach.domain import Aspect, Noun
from coach.errors import CasebaseError
from coach.settings import PROMPTS


class Ask(Noun):
    """One way to ask.

    ``with_case`` = reads well after a case lead-in; ``mistake`` = only for exceptions that are somebody's slip;
    ``once`` = at most once in a plan.
    """

    id: str
    ask: str
    with_case: bool = False
    mistake: bool = False
    once: bool = False

    @property
    def names(self) -> set[str]:
        """The ``$names`` that must be filled."""
        return set(Template(self.ask).get_identifiers())


class AspectTemplates(Noun):
    """All ways to ask about one aspect."""

    listen_for: str
    asks: tuple[Ask, ...] = Field(min_length=3)


class FollowUp(Noun):
    """Takes up a cue in the staff member's words; ``unless`` names a cue that makes it needless."""

    id: str
    cue: str
    aspect: Aspect
    ask: str
    listen_for: str
    unless: str | None = None


class Templates(Noun):
    """prompts/questions.yaml."""

    aspects: dict[Aspect, AspectTemplates]


class FollowUps(Noun):
    """prompts/followups.yaml."""

    rules: tuple[FollowUp, ...]


ALLOWED = frozenset(["you", "step", "document", "system", "measure", "unit", "exception", "peak", "person", "per", "when", "what", "words", "last", "coming", "most"])


@cache
def templates() -> dict[Aspect, AspectTemplates]:
    """Question templates by aspect. Raises ``CasebaseError``."""
    text = read_text(PROMPTS / "questions.yaml")
    found = validate(Templates, {"aspects": parse_yaml(text, "questions.yaml")}, "questions.yaml", text).aspects
    for aspect in Aspect:
        if aspect not in found:
            raise CasebaseError(f"questions.yaml:1: 観点 {aspect.value!r} の問いがありません")
        for ask in found[aspect].asks:
            _known_names("questions.yaml", ask.id, ask.ask)
    return found


@cache
def followups() -> tuple[FollowUp, ...]:
    """Follow-up rules in order of precedence. Raises ``CasebaseError``."""
    text = read_text(PROMPTS / "followups.yaml")
    rules = validate(FollowUps, {"rules": yaml.safe_load(text)}, "followups.yaml", text).rules
    for rule in rules:
        _known_names("followups.yaml", rule.id, rule.ask)
    return rules


def _known_names(where: str, template: str, text: str) -> None:
    unknown = set(Template(text).get_identifiers()) - ALLOWED
    if unknown:
        raise CasebaseError(f"{where}: {template}: ${'、$'.join(sorted(unknown))} は使えません。使える名前: {'、'.join(sorted(ALLOWED))}")


@cache
def patterns(section: str) -> dict[str, re.Pattern[str]]:
    """``cues`` or ``aspects`` of prompts/cues.yaml, one pattern a name."""
    data = parse_yaml(read_text(PROMPTS / "cues.yaml"), "cues.yaml")[section]
    try:
        return {name: re.compile("|".join(f"(?:{p})" if not p.startswith("(?i)") else f"(?i:{p[4:]})" for p in parts)) for name, parts in data.items()}
    except re.error as error:
        raise CasebaseError(f"cues.yaml: {section}: 正規表現が読めません（{error}）") from error


@cache
def texts() -> dict[str, str]:
    """Other wording, by name, from prompts/texts.yaml."""
    return {k: str(v) for k, v in parse_yaml(read_text(PROMPTS / "texts.yaml"), "texts.yaml").items()}
