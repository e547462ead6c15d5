"""How answers are printed. `rows` knows formats, `answers` what each answer looks like."""

from output.rows import FORMATS, Column, format_option, print_rows, printable, to_json

__all__ = ["FORMATS", "Column", "format_option", "print_rows", "printable", "to_json"]
