import contextlib
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcasts.ingest.chunks import BadChunk, ChunkReader, encode_message

CHUNK_SIZES = st.sampled_from([1, 128, 4096, 65536])


def pieces(data, cuts):
    edges = [0, *sorted(cuts), len(data)]
    return [data[start:end] for start, end in zip(edges, edges[1:], strict=False)]


def read(reader, parts):
    messages = []
    for part in parts:
        reader.feed(part)
        while (message := reader.next_message()) is not None:
            messages.append(message)
    return messages


@st.composite
def splits(draw, data):
    return draw(st.lists(st.integers(0, len(data)), max_size=30))


@settings(max_examples=60, deadline=None)
@given(
    CHUNK_SIZES,
    st.lists(
        st.tuples(
            st.integers(2, 63),
            st.sampled_from([8, 9, 18, 20]),
            st.integers(0, 2**32 - 1),
            st.binary(max_size=600)
            | st.integers(1, 70_000).map(lambda size: bytes(range(256)) * (size // 256 + 1)),
        ),
        max_size=6,
    ),
    st.data(),
)
def test_messages_survive_any_chunk_size_and_any_split(chunk_size, wanted, data):
    wanted = [item for item in wanted if chunk_size > 1 or len(item[3]) < 3000]
    raw = b"".join(
        encode_message(stream, kind, 1, payload, chunk_size=chunk_size, timestamp=time)
        for stream, kind, time, payload in wanted
    )
    reader = ChunkReader(max_streams=62)
    reader.chunk_size = chunk_size
    messages = read(reader, pieces(raw, data.draw(splits(raw))))
    assert [(item.type, item.timestamp, bytes(item.payload)) for item in messages] == [
        (kind, time, payload) for _, kind, time, payload in wanted
    ]
    assert reader.partial_bytes == 0


def test_chunks_of_two_streams_may_alternate():
    video = encode_message(6, 9, 1, b"v" * 300, chunk_size=128)
    audio = encode_message(4, 8, 1, b"a" * 200, chunk_size=128)
    mixed = video[:140] + audio[:140] + video[140:269] + audio[140:] + video[269:]
    messages = read(ChunkReader(), [mixed])
    assert [bytes(item.payload) for item in messages] == [b"a" * 200, b"v" * 300]


def test_short_headers_take_over_what_is_unsaid():
    first = encode_message(4, 8, 1, b"one", chunk_size=128, timestamp=1000)
    same_stream = b"\x44" + b"\x00\x00\x14" + b"\x00\x00\x03" + b"\x08" + b"two"
    same_length = b"\x84" + b"\x00\x00\x15" + b"thr"
    same_delta = b"\xc4" + b"fou"
    messages = read(ChunkReader(), [first + same_stream + same_length + same_delta])
    assert [(item.timestamp, bytes(item.payload)) for item in messages] == [
        (1000, b"one"),
        (1020, b"two"),
        (1041, b"thr"),
        (1062, b"fou"),
    ]


def test_chunk_stream_numbers_of_two_and_three_bytes():
    header = b"\x00\x00\x05" + b"\x00\x00\x02" + b"\x09" + b"\x01\x00\x00\x00" + b"ok"
    messages = read(ChunkReader(), [b"\x00\x10" + header + b"\x01\x10\x01" + header])
    assert [bytes(item.payload) for item in messages] == [b"ok", b"ok"]


def test_follow_up_chunks_without_the_extended_time_are_understood():
    """Old encoders leave it out although the format asks for it."""
    whole = encode_message(6, 9, 1, b"x" * 200, chunk_size=128, timestamp=0x01000000)
    without = whole[: 16 + 128 + 1] + whole[16 + 128 + 1 + 4 :]
    for raw in (whole, without):
        (message,) = read(ChunkReader(), [raw])
        assert (message.timestamp, bytes(message.payload)) == (0x01000000, b"x" * 200)


def test_the_chunk_size_may_change_between_messages():
    reader = ChunkReader()
    reader.feed(encode_message(2, 1, 0, struct.pack(">I", 4096), chunk_size=128))
    message = reader.next_message()
    reader.chunk_size = int.from_bytes(message.payload)
    reader.feed(encode_message(6, 9, 1, b"x" * 9000, chunk_size=4096))
    assert len(reader.next_message().payload) == 9000


def test_an_aborted_message_is_forgotten():
    reader = ChunkReader()
    assert read(reader, [encode_message(6, 9, 1, b"x" * 300, chunk_size=128)[:200]]) == []
    reader.abort(6)
    assert reader.partial_bytes == 0


def test_a_message_above_the_limit_is_refused_before_it_comes():
    reader = ChunkReader(max_message=1000)
    with pytest.raises(BadChunk):
        read(reader, [encode_message(6, 9, 1, b"x" * 2000, chunk_size=128)[:12]])


def test_unfinished_messages_together_are_bounded():
    reader = ChunkReader(max_message=1 << 20, max_partial=2 << 20)
    reader.chunk_size = 1 << 19
    unfinished = [
        encode_message(stream, 9, 1, bytes(1 << 20), chunk_size=1 << 19)[:-10] for stream in range(3, 9)
    ]
    with pytest.raises(BadChunk):
        read(reader, unfinished)
    assert reader.partial_bytes <= (2 << 20) + (1 << 19)


def test_the_number_of_chunk_streams_is_bounded():
    reader = ChunkReader(max_streams=4)
    with pytest.raises(BadChunk):
        read(reader, [encode_message(stream, 9, 1, b"x", chunk_size=128) for stream in range(2, 8)])


@pytest.mark.parametrize(
    "raw", [b"\xc3", b"\x03" + bytes(3) + b"\x00\x01\x00" + bytes(5) + bytes(128) + b"\x03" * 12]
)
def test_broken_sequences_are_refused(raw):
    with pytest.raises(BadChunk):
        read(ChunkReader(), [raw])


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=500))
def test_arbitrary_bytes_never_escape(raw):
    reader = ChunkReader(max_partial=1000)
    with contextlib.suppress(BadChunk):
        read(reader, [raw])
