"""How answers reach people. `rows` knows formats, `answers` what each answer looks like.

`trending` and `footers` put an answer together with what has to stand under it, for the commands
and for the page alike.
"""

from output.rows import FORMATS, Column, format_option, print_rows, printable, to_json

__all__ = ["FORMATS", "Column", "format_option", "print_rows", "printable", "to_json"]
