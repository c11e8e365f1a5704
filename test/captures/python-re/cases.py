"""Prints what Python's re makes of patterns and texts: [pattern, text, whether it is found, the text with [X] for matches]."""
import json
import re

PATTERNS = [
    r"foo$", r"(?m)foo$", r"(?m:^foo$)x?", r"\Z", r"\S*\Z", r"[$]", r"a\$", r"^foo", r"(?m)^foo", r"foo\n", r"[^\s]+$",
    r"(?i)ERROR|exception", r"(?i:Foo)bar", r"(?-i:foo)", r"(?ims)^FOO.BAR$", r"(?s)a.b", r"a.b", r"(?#c)foo",
    r"(?P<k>pass\w*)=(\w+)", r"(?<=pass=)\w+", r"(?<!x)foo", r"(?:foo|bar)+", r"(a)|(b)", r"(foo)?bar", r"a{,2}b", r"a*",
    r"\w+@\w+", r"\bfoo\b", r"(?a)\w+", r"[\w.-]+", r"\W+", r"\d{3}", r"\D+", r"[^\d]+", r"[\d-]+", r"\S+", r"[\b]",
    r"[\[a]+", r"[]a]+", r"[^]a]+", r"\u00e9", r"\101", r"\.", r"\"foo\"",
    r"[a-zA-Z0-9_.+-]+@[a-zA-Z0-9-]+\.[a-zA-Z0-9-.]+", r"\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}",
]
TEXTS = [
    "", "foo", "foo\n", "foo\nfoo\n", "FOO\nBAR\n", "xfoo bar", "foobar FooBar", "pass=abc password=José x",
    "ERROR Exception", "a\nb a.b aab b", "é [a] ]a[ a$ $", "123-456 ٣٤٥ 1", "\"foo\" A \b", "a\u2028foo\u00a0\n", "\U0001f4a5foo",
    "jane.doe+x@example.co.uk. and a@b@c.d.", "1.2.3.4567 12345.1.1.1 1.2.3",
]

for pattern in PATTERNS:
    for text in TEXTS:
        replaced = re.sub(pattern, lambda match: "[X]" if match.group() else "", text)
        print(json.dumps([pattern, text, bool(re.search(pattern, text)), replaced]))
