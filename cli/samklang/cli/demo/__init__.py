"""The demonstration: a generated population of Odense's size, and the exact answer to compare with."""
