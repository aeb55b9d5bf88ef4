"""HPACK (RFC 7541): a plain encoder that can be told to write nonsense, and a whole decoder."""

#: RFC 7541 appendix A.
STATIC = [tuple(row.split("|")) for row in (
    ":authority| :method|GET :method|POST :path|/ :path|/index.html :scheme|http :scheme|https "
    ":status|200 :status|204 :status|206 :status|304 :status|400 :status|404 :status|500 "
    "accept-charset| accept-encoding|gzip,deflate accept-language| accept-ranges| accept| "
    "access-control-allow-origin| age| allow| authorization| cache-control| "
    "content-disposition| content-encoding| content-language| content-length| "
    "content-location| content-range| content-type| cookie| date| etag| expect| expires| from| "
    "host| if-match| if-modified-since| if-none-match| if-range| if-unmodified-since| "
    "last-modified| link| location| max-forwards| proxy-authenticate| proxy-authorization| "
    "range| referer| refresh| retry-after| server| set-cookie| strict-transport-security| "
    "transfer-encoding| user-agent| vary| via| www-authenticate|").split()]
STATIC[15] = ("accept-encoding", "gzip, deflate")

#: RFC 7541 appendix B: the code is canonical, so that its lengths tell it. Symbols by length.
_HUFFMAN = {
    5: (48, 49, 50, 97, 99, 101, 105, 111, 115, 116),
    6: (32, 37, 45, 46, 47, 51, 52, 53, 54, 55, 56, 57, 61, 65, 95, 98, 100, 102, 103, 104,
        108, 109, 110, 112, 114, 117),
    7: (58, 66, 67, 68, 69, 70, 71, 72, 73, 74, 75, 76, 77, 78, 79, 80, 81, 82, 83, 84, 85, 86,
        87, 89, 106, 107, 113, 118, 119, 120, 121, 122),
    8: (38, 42, 44, 59, 88, 90),
    10: (33, 34, 40, 41, 63),
    11: (39, 43, 124),
    12: (35, 62),
    13: (0, 36, 64, 91, 93, 126),
    14: (94, 125),
    15: (60, 96, 123),
    19: (92, 195, 208),
    20: (128, 130, 131, 162, 184, 194, 224, 226),
    21: (153, 161, 167, 172, 176, 177, 179, 209, 216, 217, 227, 229, 230),
    22: (129, 132, 133, 134, 136, 146, 154, 156, 160, 163, 164, 169, 170, 173, 178, 181, 185,
        186, 187, 189, 190, 196, 198, 228, 232, 233),
    23: (1, 135, 137, 138, 139, 140, 141, 143, 147, 149, 150, 151, 152, 155, 157, 158, 165,
        166, 168, 174, 175, 180, 182, 183, 188, 191, 197, 231, 239),
    24: (9, 142, 144, 145, 148, 159, 171, 206, 215, 225, 236, 237),
    25: (199, 207, 234, 235),
    26: (192, 193, 200, 201, 202, 205, 210, 213, 218, 219, 238, 240, 242, 243, 255),
    27: (203, 204, 211, 212, 214, 221, 222, 223, 241, 244, 245, 246, 247, 248, 250, 251, 252,
        253, 254),
    28: (2, 3, 4, 5, 6, 7, 8, 11, 12, 14, 15, 16, 17, 18, 19, 20, 21, 23, 24, 25, 26, 27, 28,
        29, 30, 31, 127, 220, 249),
    30: (10, 13, 22, 256),
}


def _codes():
    """{(length, code): symbol}"""
    made, code, before = {}, 0, 0
    for length in sorted(_HUFFMAN):
        code <<= length - before
        before = length
        for symbol in _HUFFMAN[length]:
            made[length, code] = symbol
            code += 1
    return made


_CODES = _codes()


class Malformed(Exception):
    """What a server sent is no HPACK."""


def integer(number, bits, first=0):
    """`first` holds what stands before the prefix of so many bits."""
    most = (1 << bits) - 1
    if number < most:
        return bytes([first | number])
    out, number = bytearray([first | most]), number - most
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


def text(plain):
    plain = plain if isinstance(plain, bytes) else plain.encode()
    return integer(len(plain), 7) + plain


def field(name, value, indexing=False):
    """A literal with its name spelled out; with indexing it enters the dynamic table."""
    return (b"\x40" if indexing else b"\x00") + text(name) + text(value)


def encode(pairs):
    return b"".join(field(name, value) for name, value in pairs)


def _unhuffman(data):
    out, code, length = bytearray(), 0, 0
    for byte in data:
        for bit in range(7, -1, -1):
            code, length = code << 1 | byte >> bit & 1, length + 1
            symbol = _CODES.get((length, code))
            if symbol is not None:
                out.append(symbol)
                code = length = 0
    if length > 7 or code != (1 << length) - 1:
        raise Malformed("padding of a Huffman text")
    return bytes(out)


class Decoder:
    """Decodes the header blocks of one connection, in order."""

    def __init__(self):
        self._dynamic, self._data, self._at = [], b"", 0

    def _byte(self):
        self._at += 1
        return self._data[self._at - 1]

    def _integer(self, bits):
        most = (1 << bits) - 1
        number, shift, more = self._byte() & most, 0, 128
        if number < most:
            return number
        while more >= 128:
            more = self._byte()
            number += (more & 127) << shift
            shift += 7
        return number

    def _text(self):
        huffman = self._data[self._at] & 128
        size = self._integer(7)
        raw = self._data[self._at:self._at + size]
        self._at += size
        return (_unhuffman(raw) if huffman else raw).decode("latin-1")

    def _row(self, index):
        table = STATIC + self._dynamic
        if not 0 < index <= len(table):
            raise Malformed(f"index {index}")
        return table[index - 1]

    def _literal(self, bits):
        index = self._integer(bits)
        name = self._row(index)[0] if index else self._text()
        return name, self._text()

    def _evict(self, limit=4096):
        while sum(len(n) + len(v) + 32 for n, v in self._dynamic) > limit:
            self._dynamic.pop()

    def decode(self, data):
        self._data, self._at, found = data, 0, []
        try:
            while self._at < len(data):
                first = data[self._at]
                if first & 0x80:
                    found.append(self._row(self._integer(7)))
                elif first & 0x40:
                    found.append(self._literal(6))
                    self._dynamic.insert(0, found[-1])
                    self._evict()
                elif first & 0x20:
                    self._evict(self._integer(5))
                else:
                    found.append(self._literal(4))
        except IndexError:
            raise Malformed("a header block is cut") from None
        return found
