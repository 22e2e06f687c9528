"""Changes of a TOML text that leave all of it but what changes as it is."""

import json

_FRACTION_DIGITS = 4  # of coordinates: a tenth of a pixel at 1000 px


def as_toml(value):
    """A value in TOML: text, flag, number, array or table of them; fractions to four digits."""
    if isinstance(value, float):
        return repr(round(value, _FRACTION_DIGITS))
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(as_toml, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(as_lines(value))}}}"
    return json.dumps(value, ensure_ascii=False)  # of text that can be printed, JSON's form is TOML's


def as_lines(table):
    """`key = value` of every key that has one."""
    return [f"{key} = {as_toml(value)}" for key, value in table.items() if value is not None]


class Edits:
    """Changes of a text, made all at once in the end.

    Parameters
    ----------
    document : Document
    """

    def __init__(self, document):
        self._text, self._places, self._changes = document.text, document.places, []
        self._is_ended = False  # whether something stands behind a last line that has no end
        self._newline = "\r\n" if "\r\n" in document.text else "\n"

    def text(self):
        """The text with all changes in it."""
        pieces, at = [], 0
        for begin, end, new in sorted(self._changes, key=lambda change: change[:2]):
            pieces += [self._text[at:begin], new]
            at = end
        return "".join([*pieces, self._text[at:]])

    def replace(self, path, value):
        """Another value for a key, or for an entry of an array."""
        place = self._places.values[path]
        self._changes.append((place.begin, place.end, as_toml(value)))

    def append(self, path, values):
        """More entries for an array that has some."""
        _, _, end = self._places.values[path]
        self._changes.append((end, end, "".join(f", {as_toml(value)}" for value in values)))

    def set(self, path, key, value):
        """A key of a table that has a header: another value, a new key, or none any more where the value is None."""
        if path + (key,) not in self._places.values:
            if value is not None:
                self._insert(self._places.tables[path], as_lines({key: value}))
        elif value is not None:
            self.replace(path + (key,), value)
        else:
            place = self._places.values[path + (key,)]
            self._changes.append((self._line_begin(place.key), self._places.end_of_line(place.end), ""))

    def remove(self, path):
        """Take a table with a header away, from a blank line before that to the last line of its own."""
        begin, end = self._places.tables[path]
        first = self._line_begin(begin)
        before = self._line_begin(max(first - 1, 0))
        self._changes.append((first if self._text[before:first].strip() else before, end, ""))

    def insert_tables(self, behind, header, tables):
        """New tables behind the lines of one that has a header, after a blank line each."""
        lines = [line for table in tables for line in ("", header, *as_lines(table))]
        self._insert(self._places.tables[behind], lines)

    def _insert(self, span, lines):
        """New lines behind those of a table, as far to the right as that begins."""
        indent = self._text[self._line_begin(span.begin):span.begin]
        block = "".join((indent + line if line else "") + self._newline for line in lines)
        if not (self._is_ended or self._text.endswith("\n", 0, span.end)):
            block, self._is_ended = self._newline + block, True
        self._changes.append((span.end, span.end, block))

    def _line_begin(self, offset):
        return self._text.rfind("\n", 0, offset) + 1
