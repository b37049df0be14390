"""Measurements of docs/benchmarks.md."""
