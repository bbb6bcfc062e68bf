//! Holds the sources against the rules of the house: see `tests/it`.
