"""Strict YAML: every scalar stays text, no aliases, tags or repeated keys, and each value knows its line."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from course.catalogue.problems import Problem

MAX_DEPTH = 12

Place = tuple[str | int, ...]
Model = TypeVar("Model", bound=BaseModel)

# The C parser is ten times faster; both give the same events.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass
class Located:
    """A mapping read from YAML: its data (texts, lists, mappings) and the lines of every key and value."""

    data: dict[str, Any]
    path: str
    first_line: int
    lines: dict[Place, int] = field(default_factory=dict)
    value_lines: dict[Place, int] = field(default_factory=dict)

    def line(self, *place: str | int) -> int:
        """The line of the key or list item at this place, or of the nearest thing around it."""
        for length in range(len(place), 0, -1):
            if place[:length] in self.lines:
                return self.lines[place[:length]]
        return self.first_line

    def text_line(self, *place: str | int) -> int:
        """The line on which the text of a value begins: the one after `key: |` for a block."""
        return self.value_lines.get(place, self.line(*place))


class _TooDeep(Exception):
    """Nesting deeper than any course needs."""


class _Reader:
    """Builds data from parser events, noting lines, and reports what strict YAML refuses."""

    def __init__(self, located: Located, problems: list[Problem]) -> None:
        self.located = located
        self.problems = problems

    def line(self, event: Any) -> int:
        return self.located.first_line + int(event.start_mark.line)

    def refuse(self, event: Any, sentence: str) -> None:
        self.problems.append(Problem(self.located.path, self.line(event), sentence))

    def node(self, event: Any, events: Iterator[Any], place: Place) -> Any:
        if len(place) > MAX_DEPTH:
            raise _TooDeep
        if isinstance(event, yaml.AliasEvent):
            self.refuse(event, f"Write the value out in full: the alias “*{event.anchor}” is not allowed.")
            return ""
        if event.anchor:
            self.refuse(event, f"Remove the anchor “&{event.anchor}”: every value is written where it is used.")
        if event.tag:
            self.refuse(event, f"Remove the tag “{event.tag}”: every value is plain text.")
        if isinstance(event, yaml.ScalarEvent):
            is_block = event.style in ("|", ">")
            self.located.value_lines[place] = self.line(event) + (1 if is_block else 0)
            return event.value
        self.located.value_lines[place] = self.line(event)
        if isinstance(event, yaml.SequenceStartEvent):
            return self.sequence(events, place)
        return self.mapping(events, place)

    def sequence(self, events: Iterator[Any], place: Place) -> list[Any]:
        items: list[Any] = []
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            here = (*place, len(items))
            self.located.lines[here] = self.line(event)
            items.append(self.node(event, events, here))
        return items

    def mapping(self, events: Iterator[Any], place: Place) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            if not isinstance(event, yaml.ScalarEvent):
                self.refuse(event, "A key must be one plain word.")
                self.node(event, events, (*place, "?"))
                self.node(next(events), events, (*place, "?"))
                continue
            key = event.value
            here = (*place, key)
            if key in found:
                first = self.located.lines[here]
                self.refuse(event, f"Remove one “{key}”: it stands on line {first} already.")
                self.node(next(events), events, (*place, "?"))
                continue
            self.located.lines[here] = self.line(event)
            found[key] = self.node(next(events), events, here)
        return found


def read_yaml(text: str, path: str, problems: list[Problem], first_line: int = 1) -> Located | None:
    """Read one YAML mapping; what is wrong is added to `problems`, and None returned when nothing can be read."""
    located = Located({}, path, first_line)
    reader = _Reader(located, problems)
    try:
        events = yaml.parse(text, Loader=_Loader)
        root = _first_node(events)
        if root is None:
            problems.append(Problem(path, first_line, "Write the keys here: there are none."))
            return None
        data = reader.node(root, events, ())
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                reader.refuse(event, "Remove this line of three dashes: only one YAML document is read here.")
                break
    except _TooDeep:
        problems.append(Problem(path, first_line, f"Nest less deeply: {MAX_DEPTH} levels are the most."))
        return None
    except yaml.YAMLError as error:
        problems.append(_broken(error, path, first_line))
        return None
    if not isinstance(data, dict):
        problems.append(Problem(path, first_line, "Write keys and values here, such as “title: …”."))
        return None
    located.data = data
    return located


def _first_node(events: Iterator[Any]) -> Any:
    for event in events:
        if isinstance(event, yaml.NodeEvent):
            return event
    return None


def _broken(error: yaml.YAMLError, path: str, first_line: int) -> Problem:
    mark = getattr(error, "problem_mark", None)
    what = str(getattr(error, "problem", "") or "it cannot be read")
    context = str(getattr(error, "context", "") or "")
    if "quoted scalar" in context and getattr(error, "context_mark", None) is not None:
        mark = error.context_mark  # type: ignore[attr-defined]
        advice = "Close the quotation mark that opens here."
    elif "mapping values are not allowed" in what:
        advice = "Put quotation marks around text that holds a colon, or check the indentation."
    elif "cannot start any token" in what:
        advice = "Put quotation marks around this text, and indent with spaces, never with tabs."
    elif "expected ',' or" in what:
        advice = "Close the bracket, or separate the items with commas."
    else:
        advice = "Check colons, quotation marks and indentation."
    line = first_line + int(mark.line) if mark is not None else first_line
    return Problem(path, line, f"This is broken YAML ({what}). {advice}")


def validate(model: type[Model], located: Located, problems: list[Problem]) -> Model | None:
    """The mapping as the schema says it is; each departure becomes a problem on its own line."""
    try:
        return model.model_validate(located.data)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            place: Place = detail["loc"]
            problems.append(Problem(located.path, located.line(*place), _sentence(detail, model)))
        return None


_ADVICE = {
    "string_too_short": "Write something after “{key}”.",
    "string_type": "Write “{key}” as one text, not as a list or as keys.",
    "tuple_type": "Write “{key}” as a list, such as [one, two].",
    "too_short": "Give “{key}” at least {min_length}.",
    "too_long": "Give “{key}” at most {max_length}.",
    "model_type": "Write “{key}” as keys and values.",
    "model_attributes_type": "Write “{key}” as keys and values.",
    "literal_error": "“{key}” must be one of {expected}, not “{input}”.",
    "greater_than_equal": "“{key}” must be at least {ge}.",
    "less_than_equal": "“{key}” must be at most {le}.",
}


def _sentence(detail: ErrorDetails, model: type[BaseModel]) -> str:
    place = detail["loc"]
    key = next((str(part) for part in reversed(place) if isinstance(part, str)), "this")
    kind = detail["type"]
    if kind == "value_error":
        return str(detail["ctx"]["error"])
    if kind == "missing":
        return f"Add “{key}”."
    if kind == "extra_forbidden":
        near = difflib.get_close_matches(key, _keys(model, place[:-1]), n=1, cutoff=0.7)
        return f"“{key}” is not a key known here. " + (f"Did you mean “{near[0]}”?" if near else "Remove it.")
    if kind in _ADVICE:
        given = {"input": str(detail.get("input", ""))[:60], **detail.get("ctx", {})}
        return _ADVICE[kind].format_map({**given, "key": key}).replace("'", "")
    return f"“{key}” cannot be used as it is: {detail['msg'].lower()}."


def _keys(model: type[BaseModel], place: Place) -> list[str]:
    """The keys a schema knows at a place, for “did you mean”."""
    found: Any = model
    for part in place:
        if isinstance(part, str):
            field_ = next((f for name, f in found.model_fields.items() if part in (name, f.alias)), None)
            found = _model_in(field_.annotation) if field_ else None
        if found is None:
            return []
    return [f.alias or name for name, f in found.model_fields.items()]


def _model_in(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((m for inner in getattr(annotation, "__args__", ()) if (m := _model_in(inner))), None)
