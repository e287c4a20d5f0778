"""CSV files that spreadsheets read as they were meant."""

EXCEL_MARK = "\ufeff"
"""Comes first in the file: without it, Excel reads Korean as another encoding."""

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for a formula at the start of a cell (OWASP, "CSV Injection")."""


def plain(text: str) -> str:
    """Keep a spreadsheet from taking a text for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


class Echo:
    """Hands each written line back instead of keeping it, so that the answer can be streamed."""

    def write(self, line: str) -> str:
        return line
