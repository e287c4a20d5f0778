"""The demo's sound: a quiet, endless music-box chord progression, computed here."""

import array
import math
import wave
from collections.abc import Iterable
from pathlib import Path

RATE = 24_000
_TONE_SECONDS = 2.2
_FADE = RATE // 80
_BAR_SECONDS = 2.5
_CHORDS = ((53, 60, 64, 69), (52, 59, 62, 67), (50, 57, 60, 65), (48, 55, 59, 64))
"""Fmaj7, Em7, Dm7, Cmaj7 as MIDI notes."""
_PATTERN = ((0.0, 0), (0.5, 2), (0.75, 3), (1.25, 1), (1.5, 3), (2.0, 2))
"""Which note of the chord is plucked when, in seconds of the bar."""
_ECHOES = ((0.375, 0.28), (0.75, 0.12))
"""After how many seconds, how loud."""
_LOUDEST = 0.16


def write_music(path: Path) -> None:
    """Write a mono WAV that goes on without a seam when it is repeated."""
    mixed = array.array("f", bytes(4 * round(len(_CHORDS) * _BAR_SECONDS * RATE)))
    for bar, chord in enumerate(_CHORDS):
        _add(mixed, _pluck(chord[0] - 12), bar * _BAR_SECONDS, 0.9)
        plucks = [_pluck(note + 12) for note in chord]
        for at, string in _PATTERN:
            _add(mixed, plucks[string], bar * _BAR_SECONDS + at, 0.5)
    for at, loudness in _ECHOES:
        _add(mixed, mixed[:], at, loudness)
    peak = max(map(abs, mixed))
    samples = array.array("h", (round(value / peak * _LOUDEST * 32767) for value in mixed))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())


def _pluck(note: int) -> list[float]:
    """One struck tone: its overtone dies away sooner than the tone itself."""
    pitch = 440 * 2 ** ((note - 69) / 12)
    overtone = (0.25 * value for value in _ringing(2 * pitch, decay=6))
    tone = [sum(pair) for pair in zip(_ringing(pitch, decay=2.4), overtone, strict=True)]
    for n in range(_FADE):  # neither the start nor the end may click
        tone[n] *= n / _FADE
        tone[-1 - n] *= n / _FADE
    return tone


def _ringing(pitch: float, *, decay: float) -> list[float]:
    """A sine of `pitch` Hz that dies away: exp(-decay·t)·sin(2π·pitch·t), by its recurrence (no sine per sample)."""
    step, shrink = 2 * math.pi * pitch / RATE, math.exp(-decay / RATE)
    again, back = 2 * shrink * math.cos(step), shrink * shrink
    values = [0.0, shrink * math.sin(step)]
    before, now = values
    for _ in range(round(_TONE_SECONDS * RATE) - 2):
        before, now = now, again * now - back * before
        values.append(now)
    return values


def _add(mixed: "array.array[float]", tone: Iterable[float], at: float, loudness: float) -> None:
    """Mix a tone in; what rings beyond the end goes on at the beginning."""
    start = round(at * RATE)
    for place, value in enumerate(tone, start):
        mixed[place % len(mixed)] += value * loudness
