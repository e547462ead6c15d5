"""Where an answer goes and in which form: the options `--format` and `--output`."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

import click

from output.footer import Footer
from output.rows import FORMATS, Column, Counted, pieces, print_rows, to_json

if TYPE_CHECKING:
    from output.files import Row

SHEETS: Final = ("xlsx", "parquet")
CHARTS: Final = ("png", "svg")
_BINARY: Final = (*SHEETS, *CHARTS)


@dataclass(frozen=True, slots=True)
class Export:
    """Where an answer goes.

    Attributes:
        format: one of `FORMATS`, `SHEETS` and `CHARTS`.
        path: the file that is written, whole or not at all; None for standard output.
    """

    format: str
    path: Path | None = None

    @property
    def is_chart(self) -> bool:
        """Whether a picture is wanted, for `write_picture`."""
        return self.format in CHARTS

    @property
    def is_file(self) -> bool:
        """Whether the answer leaves the screen as something of its own."""
        return self.path is not None or self.format in _BINARY

    def write(
        self, rows: Iterable[Row], columns: Sequence[Column], footer: Footer | None = None
    ) -> int:
        """Write rows and return how many there were.

        The footer stands under a table, inside a workbook or a Parquet file, beside any other
        file as NAME.footer.json, and on standard error where standard output has only rows.

        Raises:
            UserError: the file cannot be written, or cannot hold the answer.
        """
        if self.format in SHEETS:
            from output.files import write_parquet, write_xlsx

            write = write_xlsx if self.format == "xlsx" else write_parquet
            with self._binary() as target:
                return write(rows, columns, target, footer)
        if self.path is None:
            count = print_rows(rows, self.format, columns)
            if footer is not None:
                footer.print(err=self.format != "table")
            return count
        if self.format == "table":
            return self._write_table(self.path, rows, columns, footer)
        counted = Counted(rows)
        with replaced(self.path) as file:
            for piece in pieces(counted, self.format, columns):
                file.write(piece.encode())
        if footer is not None and self.path.is_file():
            beside = self.path.with_name(f"{self.path.name}.footer.json")
            with replaced(beside) as file:
                file.write(to_json(footer.as_dict(), indent=2).encode() + b"\n")
        return counted.number

    def _write_table(
        self, path: Path, rows: Iterable[Row], columns: Sequence[Column], footer: Footer | None
    ) -> int:
        with replaced(path) as file:
            text = io.TextIOWrapper(file, encoding="utf-8", newline="")
            with redirect_stdout(text):
                count = print_rows(rows, self.format, columns)
                if footer is not None:
                    footer.print()
            text.detach()
        return count

    def write_picture(self, picture: bytes) -> None:
        """Write a finished picture, which has its footer inside.

        Raises:
            UserError: the file cannot be written.
        """
        with self._binary() as target:
            target.write(picture)

    @contextmanager
    def _binary(self) -> Iterator[IO[bytes]]:
        if self.path is not None:
            with replaced(self.path) as file:
                yield file
            return
        # A workbook is not written from its beginning to its end.
        buffer = io.BytesIO()
        yield buffer
        sys.stdout.buffer.write(buffer.getvalue())


@contextmanager
def replaced(path: Path) -> Iterator[IO[bytes]]:
    """Open a file that takes the place of `path` when all went well, and is removed when not.

    Raises:
        UserError: it cannot be written.
    """
    # A link leads to what is replaced; a device or a pipe is written as it is.
    is_special = path.exists() and not path.is_file()
    target = path if is_special else path.resolve()
    part = target if is_special else target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            yield file
        if not is_special:
            part.replace(target)
    except OSError as error:
        from mention import UserError

        raise UserError(
            f"{path} cannot be written ({error.strerror or error}); name another file"
        ) from error
    finally:
        if not is_special:
            part.unlink(missing_ok=True)


def export_options(*formats: str, default: str = "table") -> Callable[[Any], Any]:
    """The options `--format` and `--output`, passed to the command as one `Export`.

    Args:
        formats: what the command can write; without any, the `FORMATS` and `SHEETS`.
        default: the format of an answer on standard output.
    """
    choices = formats or (*FORMATS, *SHEETS)

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(command)
        def with_export(
            *args: Any, output_format: str | None, output: Path | None, **values: Any
        ) -> Any:
            ending = output.suffix.lstrip(".").lower() if output else ""
            if ending and ending not in choices and output_format is None:
                raise click.UsageError(
                    f"no answer is written as '.{ending}'; end the name in "
                    f"{', '.join(choices)}, or say --format"
                )
            chosen = output_format or ending or default
            if chosen in _BINARY and output is None and sys.stdout.isatty():
                raise click.UsageError(
                    f"{chosen} is not for a terminal; name a file, such as --output answer.{chosen}"
                )
            return command(*args, export=Export(chosen, output), **values)

        option = click.option(
            "--format",
            "output_format",
            type=click.Choice(choices),
            help=f"How to write the answer.  [default: by the ending of --output, {default}]",
        )
        return option(
            click.option(
                "--output",
                type=click.Path(dir_okay=False, path_type=Path),
                metavar="FILE",
                help="Write the answer to a file.  [default: standard output]",
            )(with_export)
        )

    return decorate
