"""AMF0, the value encoding of RTMP commands: just the types that encoders send, with hard limits."""

import struct
from collections.abc import Mapping
from typing import Any

MAX_DEPTH = 8
MAX_MEMBERS = 256

Value = Any
"""None, bool, float, str, or a dict or list of those."""

_DOUBLE = struct.Struct(">d")
_U16 = struct.Struct(">H")
_U32 = struct.Struct(">I")


class BadAmf(ValueError):
    """The bytes are not AMF0, are cut short, or nest too deep."""


def decode_all(data: bytes | bytearray) -> list[Value]:
    """Every value of a command message, in order."""
    values, position = [], 0
    while position < len(data):
        value, position = decode(data, position)
        values.append(value)
        if len(values) > MAX_MEMBERS:
            raise BadAmf("too many values")
    return values


def decode(data: bytes | bytearray, position: int = 0) -> tuple[Value, int]:
    """The value at `position` and the position after it."""
    try:
        return _decode(data, position, 0)
    except (IndexError, struct.error):
        raise BadAmf("cut short") from None


def _decode(data: bytes | bytearray, position: int, depth: int) -> tuple[Value, int]:
    if depth > MAX_DEPTH:
        raise BadAmf("nested too deep")
    marker = data[position]
    position += 1
    match marker:
        case 0:
            return _DOUBLE.unpack_from(data, position)[0], position + 8
        case 1:
            return bool(data[position]), position + 1
        case 2:
            return _string(data, position, _U16)
        case 3:
            return _members(data, position, depth)
        case 8:
            return _members(data, position + 4, depth)
        case 5 | 6:
            return None, position
        case 10:
            return _array(data, position, depth)
        case 11:
            return _DOUBLE.unpack_from(data, position)[0], position + 10
        case 12:
            return _string(data, position, _U32)
    raise BadAmf(f"type {marker}")


def _string(data: bytes | bytearray, position: int, length_field: struct.Struct) -> tuple[str, int]:
    start = position + length_field.size
    end = start + length_field.unpack_from(data, position)[0]
    if end > len(data):
        raise BadAmf("cut short")
    return bytes(data[start:end]).decode("utf-8", "replace"), end


def _members(data: bytes | bytearray, position: int, depth: int) -> tuple[dict[str, Value], int]:
    members: dict[str, Value] = {}
    while True:
        name, position = _string(data, position, _U16)
        if not name and data[position] == 9:
            return members, position + 1
        members[name], position = _decode(data, position, depth + 1)
        if len(members) > MAX_MEMBERS:
            raise BadAmf("too many members")


def _array(data: bytes | bytearray, position: int, depth: int) -> tuple[list[Value], int]:
    count = _U32.unpack_from(data, position)[0]
    position += 4
    if count > MAX_MEMBERS:
        raise BadAmf("too many items")
    items = []
    for _ in range(count):
        item, position = _decode(data, position, depth + 1)
        items.append(item)
    return items, position


def encode(*values: object) -> bytes:
    """The values one after another, as a command message carries them."""
    return b"".join(map(_encode, values))


def _encode(value: object) -> bytes:
    match value:
        case None:
            return b"\x05"
        case bool():
            return b"\x01" + bytes([value])
        case int() | float():
            return b"\x00" + _DOUBLE.pack(value)
        case str():
            return b"\x02" + _name(value)
        case Mapping():
            members = b"".join(_name(name) + _encode(member) for name, member in value.items())
            return b"\x03" + members + b"\x00\x00\x09"
        case list():
            return b"\x0a" + _U32.pack(len(value)) + encode(*value)
    raise TypeError(f"AMF0 has no {type(value).__name__}")


def _name(text: str) -> bytes:
    raw = text.encode()
    return _U16.pack(len(raw)) + raw
