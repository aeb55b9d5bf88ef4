"""Random JSON paths over the texts of generate_focus.BODIES."""

NAMES = ["user", "items", "id", "name", "sku", "n", "a", "b", "deep", "tags", "nobody"]
LITERALS = ["7", "1", "2", "1.0", '"a"', '"b"', '"7"', '"Ann"', "null", "true", "false", "-9223372036854775808", "1e2", '"\\\\u0061"']


def _name(rng):
    name = rng.choice(NAMES)
    return rng.choice([f".{name}", f".{name}", f'["{name}"]', f"[\\'{name}\\']"])


def _single(rng):
    return rng.choice(["@", "@", "@", "$"]) + "".join(rng.choice([_name(rng), _name(rng), "[0]", "[-1]"]) for _ in range(rng.choice([0, 1, 1, 1, 2])))


PATTERNS = ["a", "[ab]", ".", "A..", "[A-Z][a-z]*", "n|N", "", "x+", "^a", "\\\\d", "("]


def _valued(rng, depth):
    """A function that gives a value."""
    kind = rng.random()
    if kind < 0.4:
        return f"length({rng.choice([_single(rng), _single(rng), rng.choice(LITERALS), 'value(@' + _steps(rng, depth + 1) + ')'])})"
    return f"{rng.choice(['count', 'count', 'value'])}({rng.choice('@@$')}{_steps(rng, depth + 1)})"


def _test(rng, depth):
    kind = rng.random()
    if kind < 0.2:
        if rng.random() < 0.5:
            return f"{rng.choice(['', '', '!'])}{rng.choice(['match', 'search'])}({_single(rng)}, \"{rng.choice(PATTERNS)}\")"
        sides = [_valued(rng, depth), rng.choice(["1", "2", "0", "7", _single(rng), _valued(rng, depth)])]
        return f"{sides[0]} {rng.choice(['==', '!=', '<', '>='])} {sides[1]}"
    if kind < 0.55:
        sides = [_single(rng), rng.choice([rng.choice(LITERALS), rng.choice(LITERALS), _single(rng)])]
        rng.shuffle(sides)
        return rng.choice([" ", ""]).join([sides[0], rng.choice(["==", "==", "!=", "<", "<=", ">", ">="]), sides[1]])
    if kind < 0.7 or depth > 1:
        return rng.choice(["", "", "!"]) + rng.choice([_single(rng), "@" + _steps(rng, depth + 1)])
    if kind < 0.8:
        return f"{rng.choice(['', '!', '! '])}({_test(rng, depth + 1)})"
    return f"{_test(rng, depth + 1)} {rng.choice(['&&', '||'])} {_test(rng, depth + 1)}"


def _selector(rng, depth):
    if rng.random() < 0.5 and depth < 2:
        test = _test(rng, depth)
        return rng.choice([f"?{test}", f"?({test})", f"? {test} "])
    return rng.choice(["*", "0", "-1", "1:", ":1", "::2", "::-1", "-2:", "3:0:-2", '"n"', "\\'sku\\'"])


def _steps(rng, depth):
    found = ""
    for _ in range(rng.choice([1, 1, 2, 2, 3])):
        deep = ".." if rng.random() < 0.15 else ""
        if rng.random() < 0.5:
            found += deep + ", ".join(["[" + _selector(rng, depth)] + [_selector(rng, depth) for _ in range(rng.random() < 0.2)]) + "]"
        else:
            found += deep + rng.choice(NAMES + ["*"]) if deep else rng.choice([_name(rng), _name(rng), ".*"])
    return found


def random_path(rng):
    """A path, as it stands between single quotes; now and then one that is refused."""
    return "$" + _steps(rng, 0)
