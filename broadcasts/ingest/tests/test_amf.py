import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcasts.ingest import amf

VALUES = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(min_size=1, max_size=9), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=50)
@given(st.lists(VALUES, max_size=5))
def test_values_survive_the_round_trip(values):
    assert amf.decode_all(amf.encode(*values)) == values


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_read_or_called_bad(data):
    with contextlib.suppress(amf.BadAmf):
        amf.decode_all(data)


@settings(max_examples=50)
@given(st.lists(VALUES, min_size=1, max_size=3), st.data())
def test_a_cut_message_is_bad_or_shorter(values, data):
    whole = amf.encode(*values)
    cut = whole[: data.draw(st.integers(0, len(whole) - 1))]
    with contextlib.suppress(amf.BadAmf):
        assert amf.decode_all(cut) == values[: len(amf.decode_all(cut))]


def test_other_types_that_encoders_send_are_read():
    ecma_array = b"\x08\x00\x00\x00\x01\x00\x05width\x00\x40\x94\x00\x00\x00\x00\x00\x00\x00\x00\x09"
    date = b"\x0b" + bytes(10)
    long_text = b"\x0c\x00\x00\x00\x02hi"
    undefined = b"\x06"
    assert amf.decode_all(ecma_array + date + long_text + undefined) == [{"width": 1280.0}, 0.0, "hi", None]


@pytest.mark.parametrize(
    "data",
    [
        b"\x00\x01",  # a number of one byte
        b"\x02\xff\xffabc",  # a text longer than the message
        b"\x0a\xff\xff\xff\xff",  # four billion items
        b"\x0d",  # no such type
        b"\x0a\x00\x00\x00\x01" * 20,  # twenty lists deep
        b"\x05" * 300,  # too many values
        b"\x03" + b"".join(b"\x00\x03%03d\x05" % number for number in range(300)),  # too many members
    ],
)
def test_what_is_malformed_or_excessive_is_bad(data):
    with pytest.raises(amf.BadAmf):
        amf.decode_all(data)


def test_a_type_that_amf0_lacks_cannot_be_sent():
    with pytest.raises(TypeError):
        amf.encode(object())
