"""Does a request or an answer fit the service's own model? botocore ships the models but checks only a part of them.

botocore sends wrong enum values, patterns and upper limits and leaves the refusal to the service; these checks refuse
them here. Values are as boto3 takes and gives them: member names, datetimes.
"""

import re
from datetime import datetime
from functools import cache
from typing import Any

from botocore.loaders import Loader
from botocore.model import ServiceModel, Shape

TYPES: dict[str, type | tuple[type, ...]] = {
    "structure": dict,
    "map": dict,
    "list": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "long": int,
    "float": (int, float),
    "double": (int, float),
    "timestamp": (datetime, int, float, str),
    "blob": (bytes, bytearray, str),
}
NUMBERS = ("integer", "long", "float", "double")


@cache
def service_model(service: str) -> ServiceModel:
    """Return botocore's model of a service ("ivs", "mediaconvert", …)."""
    return ServiceModel(Loader().load_service_model(service, "service-2"), service)


def request_problems(service: str, operation: str, params: dict[str, Any]) -> list[str]:
    """Say what is wrong with an operation's parameters, as given to the boto3 client; [] when nothing is."""
    shape = service_model(service).operation_model(operation).input_shape
    return problems(shape, params, operation) if shape else [f"{operation} takes nothing"] * bool(params)


def answer_problems(service: str, operation: str, answer: dict[str, Any]) -> list[str]:
    """Say what is wrong with an operation's answer."""
    shape = service_model(service).operation_model(operation).output_shape
    return problems(shape, answer, operation) if shape else [f"{operation} answers nothing"] * bool(answer)


def problems(shape: Shape, value: object, path: str) -> list[str]:
    """Say where a value breaks its shape: missing and unknown members, types, enums, patterns, lengths, ranges."""
    kind = shape.type_name
    # In Python a bool is an int; on the wire `true` is no number.
    if not isinstance(value, TYPES[kind]) or (kind in NUMBERS and isinstance(value, bool)):
        return [f"{path}: {type(value).__name__} is no {kind}"]
    found = limit_problems(shape, value, path)
    match kind:
        case "structure":
            found += [f"{path}.{name} is missing" for name in shape.required_members if name not in value]
            for name, part in value.items():
                member = shape.members.get(name)
                found += problems(member, part, f"{path}.{name}") if member else [f"{path}.{name} is unknown"]
            if getattr(shape, "is_tagged_union", False) and len(value) != 1:
                found.append(f"{path}: exactly one member")
        case "list":
            for number, part in enumerate(value):
                found += problems(shape.member, part, f"{path}[{number}]")
        case "map":
            for key, part in value.items():
                found += problems(shape.key, key, f"{path} key {key}")
                found += problems(shape.value, part, f"{path}[{key}]")
    return found


def limit_problems(shape: Shape, value: Any, path: str) -> list[str]:  # noqa: ANN401 whatever the shape says
    """Check enum, pattern, and min and max (of a number, a text's length or a list's)."""
    limits = shape.metadata
    found = []
    if shape.type_name == "string":
        if limits.get("enum") and value not in limits["enum"]:
            found.append(f"{path}: {value!r} is none of {', '.join(limits['enum'])}")
        if "pattern" in limits and not pattern(limits["pattern"]).fullmatch(value):
            found.append(f"{path}: {value!r} does not match {limits['pattern']}")
    if shape.type_name in ("structure", "boolean", "timestamp"):
        return found
    measure = value if shape.type_name in NUMBERS else len(value)
    if measure < limits.get("min", measure) or measure > limits.get("max", measure):
        found.append(f"{path}: {measure} is not in {limits.get('min', '')}..{limits.get('max', '')}")
    return found


@cache
def pattern(text: str) -> re.Pattern[str]:
    r"""Compile a model's pattern. Java's \p{L}, \p{N} and \p{Z} become the nearest Python has."""
    for theirs, ours in ((r"\p{L}", r"\w"), (r"\p{N}", r"\d"), (r"\p{Z}", r"\s")):
        text = text.replace(theirs, ours)
    return re.compile(text)
