"""What several benchmarks share: their options and report, servers to measure, load and viewers."""
