"""The rest-json protocol from the service's side: routes, parameters out of a request, an answer's JSON.

Source: Smithy's description of AWS restJson1 and botocore's own serializer, which is its mirror.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, unquote

from botocore.model import OperationModel, Shape, StructureShape

from tests.aws.model_check import service_model


@dataclass(frozen=True)
class Route:
    """An operation and the addresses that call it."""

    operation: OperationModel
    method: str
    path: re.Pattern[str]


def routes(service: str) -> list[Route]:
    """Return every operation the service's model knows."""
    return list(_routes(service))


def _routes(service: str) -> Iterator[Route]:
    model = service_model(service)
    for name in model.operation_names:
        operation = model.operation_model(name)
        path = re.sub(
            r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(operation.http["requestUri"].split("?")[0])
        )
        yield Route(operation, operation.http["method"], re.compile(path))


def read_params(operation: OperationModel, labels: dict[str, str], query: str, body: bytes) -> dict[str, Any]:
    """Return the parameters as boto3 was given them. ValueError for a body that is no JSON object."""
    shape = operation.input_shape
    if shape is None:
        return {}
    sent = json.loads(body or b"{}")
    if not isinstance(sent, dict):
        raise ValueError("the body is no object")
    params = from_json(shape, sent)
    asked = parse_qs(query)
    for name, member in shape.members.items():
        wire_name = member.serialization.get("name", name)
        where = member.serialization.get("location")
        if where == "uri" and wire_name in labels:
            params[name] = unquote(labels[wire_name])
        elif where == "querystring" and wire_name in asked:
            params[name] = _typed(member, asked[wire_name])
    return params


def _typed(shape: Shape, texts: list[str]) -> object:
    match shape.type_name:
        case "list":
            return texts
        case "integer" | "long":
            return int(texts[0])
        case "boolean":
            return texts[0] == "true"
    return texts[0]


def wire_names(shape: StructureShape) -> dict[str, str]:
    """Return {name in JSON: name in boto3}."""
    return {member.serialization.get("name", name): name for name, member in shape.members.items()}


def from_json(shape: Shape, value: Any) -> Any:  # noqa: ANN401 whatever the shape says
    """Give JSON its boto3 names; what the model does not know keeps its own, marked, so that the check refuses it."""
    if shape.type_name == "structure" and isinstance(value, dict):
        names = wire_names(shape)
        return {
            names.get(key, f"{key} (on the wire)"): from_json(shape.members[names[key]], part)
            if key in names
            else part
            for key, part in value.items()
            if part is not None
        }
    if shape.type_name == "list" and isinstance(value, list):
        return [from_json(shape.member, part) for part in value]
    if shape.type_name == "map" and isinstance(value, dict):
        return {key: from_json(shape.value, part) for key, part in value.items()}
    return value


def to_json(shape: Shape, value: Any) -> Any:  # noqa: ANN401 whatever the shape says
    """Give an answer its names on the wire, and its moments their form there."""
    match shape.type_name:
        case "structure":
            return {
                shape.members[name].serialization.get("name", name): to_json(shape.members[name], part)
                for name, part in value.items()
            }
        case "list":
            return [to_json(shape.member, part) for part in value]
        case "map":
            return {key: to_json(shape.value, part) for key, part in value.items()}
        case "timestamp":
            return _moment(shape, value)
    return value


def _moment(shape: Shape, value: datetime) -> float | str:
    if shape.serialization.get("timestampFormat") == "iso8601":
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return value.timestamp()
