"""One module a source, each with `SOURCE`; `kit` says what that is."""
