"""Running the notebooks and publishing what they say: run, publish, trace, compare."""
