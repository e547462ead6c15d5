"""Recorded answers of the real platforms, replayed over loopback where they are at hand.

They hold texts of real people, so they lie outside the repository, in `../shared/fixtures`. What
is expected is read from them here, with the standard library and other code than the parsers'.
"""
