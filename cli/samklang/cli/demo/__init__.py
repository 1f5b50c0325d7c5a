"""The demonstration on generated people: a population of Odense's size, and the exact answer to compare with."""
