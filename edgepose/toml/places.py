"""Where in a TOML text each key, value and table stands: for messages with lines, and for changes in place."""

import re
from bisect import bisect_right
from collections import namedtuple

#: Of a key: where its statement begins, where its value begins and ends, as offsets in the text.
Place = namedtuple("Place", "key begin end")
#: Of a table with a header: where that begins, and where the last line that belongs to it ends.
Span = namedtuple("Span", "begin end")

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")  # what may stand between statements, and inside arrays
_SPACE = re.compile(r"[ \t]*")
_KEY = re.compile(r"""[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*'""")
_STRING = re.compile(r'''"""(?:[^\\]|\\.)*?"""(?:"{0,2})|\'\'\'.*?\'\'\'(?:'{0,2})|"(?:[^"\\\n]|\\.)*"|'[^'\n]*\'''',
                     re.DOTALL)
_SCALAR = re.compile(r"[^,\]}#\r\n]*[^,\]}#\r\n \t]")


class Places:
    """Where things stand in a TOML text.

    Parameters
    ----------
    text : str, which a TOML parser has accepted; of any other the places mean nothing

    Attributes
    ----------
    values : {path: Place}, a path being a tuple of keys and of numbers in arrays, as one goes down the parsed values
    tables : {path: Span} of those that have a header
    """

    def __init__(self, text):
        self.values, self.tables = {}, {}
        self._text, self._at, self._n_tables, self._begins = text, 0, {}, {}
        self._starts = [0] + [found.end() for found in re.finditer("\n", text)]
        self._scan()

    def line(self, path):
        """The line, from 1, of what a path leads to, or of the nearest thing around it."""
        for n in range(len(path), 0, -1):
            if path[:n] in self.values:
                return self.line_at(self.values[path[:n]].begin)
            if path[:n] in self._begins:
                return self.line_at(self._begins[path[:n]])
        return 1

    def key_line(self, path):
        """The line, from 1, of the key that a path leads to."""
        return self.line_at(self.values[path].key) if path in self.values else self.line(path)

    def line_at(self, offset):
        """The line, from 1, of an offset."""
        return bisect_right(self._starts, offset)

    def end_of_line(self, offset):
        """The offset behind the line that an offset is in."""
        found = self._text.find("\n", offset)
        return len(self._text) if found < 0 else found + 1

    def _scan(self):
        table, begin = (), None
        self._skip(_BLANK)
        while self._at < len(self._text):
            if self._text[self._at] == "[":
                begin = self._at
                table = self._header()
                for n in range(1, len(table) + 1):  # an array of tables begins where its first one does
                    self._begins.setdefault(table[:n], begin)
            else:
                self._statement(table)
            if begin is not None:
                self.tables[table] = Span(begin, self.end_of_line(self._at))
            self._skip(_BLANK)

    def _skip(self, pattern):
        self._at = pattern.match(self._text, self._at).end()

    def _take(self, pattern):
        """The text of a token at the point; the point behind it. What no parser would have accepted is passed by."""
        found = pattern.match(self._text, self._at)
        begin, self._at = self._at, found.end() if found else self._at + 1
        return self._text[begin:self._at]

    def _header(self):
        """Pass `[a.b]` or `[[a.b]]`; the path that it leads to."""
        is_array = self._text.startswith("[[", self._at)
        self._at += 2 if is_array else 1
        keys = self._keys()
        self._at += 2 if is_array else 1
        path = ()
        for key in keys[:-1]:
            path = self._newest(path + (key,))
        path += keys[-1:]
        if not is_array:
            return self._newest(path)
        self._n_tables[path] = self._n_tables.get(path, 0) + 1
        return self._newest(path)

    def _newest(self, path):
        """A path, or that of the newest of its tables where it is an array of them."""
        return path + (self._n_tables[path] - 1,) if path in self._n_tables else path

    def _keys(self):
        """Pass a dotted key."""
        keys = []
        while True:
            self._skip(_SPACE)
            keys.append(_bare(self._take(_KEY)))
            self._skip(_SPACE)
            if self._text[self._at:self._at + 1] != ".":
                return tuple(keys)
            self._at += 1

    def _statement(self, table):
        """Pass `key = value`."""
        key = self._at
        path = table + self._keys()
        self._at += 1
        self._skip(_SPACE)
        for n in range(len(table) + 1, len(path)):  # of `a.b = 1` the table a begins here, too
            self.values.setdefault(path[:n], Place(key, key, key))
        self._value(path, key)

    def _value(self, path, key):
        begin, first = self._at, self._text[self._at:self._at + 1]
        if first == "[":
            self._items(path)
        elif first == "{":
            self._pairs(path)
        else:
            self._take(_STRING if first in ("'", '"') else _SCALAR)
        self.values[path] = Place(key, begin, self._at)

    def _items(self, path):
        """Pass an array."""
        n = 0
        while self._next_of("]"):
            self._value(path + (n,), self._at)
            n += 1

    def _pairs(self, path):
        """Pass an inline table."""
        while self._next_of("}"):
            self._statement(path)

    def _next_of(self, closing):
        """Go on to the next entry; False behind the last one."""
        self._skip(_BLANK)
        if self._text[self._at:self._at + 1] != closing:  # the opening bracket at first, then a comma
            self._at += 1
            self._skip(_BLANK)
        if self._text[self._at:self._at + 1] in (closing, ""):
            self._at += 1
            return False
        return True


def _bare(key):
    if key[:1] not in ("'", '"'):
        return key
    if key[0] == "'":
        return key[1:-1]
    return re.sub(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)", lambda found: _unescape(found[1]), key[1:-1])


def _unescape(escape):
    if escape[0] in "uU":
        return chr(int(escape[1:], 16))
    return {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r"}.get(escape, escape)
