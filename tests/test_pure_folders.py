"""The pure folders stay pure where import contracts cannot see: no clock, file, terminal or chance is touched."""

import ast
from pathlib import Path

import pytest

TREE = Path(__file__).resolve().parents[1]
PURE = ("events", "ledger", "detectors", "models", "routing")
IMPURE_CALLS = {"open", "print", "input", "exec", "eval", "breakpoint"}
CLOCKS = {"now", "utcnow", "today"}
FILES = {
    "read_text",
    "read_bytes",
    "write_text",
    "write_bytes",
    "tofile",
    "fromfile",
    "savez",
    "savetxt",
    "loadtxt",
}


def impurities(source: str) -> list[str]:
    """What in a module would do I/O, read a clock, or draw randomness that nobody handed in."""
    found = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Name(id=name)) if name in IMPURE_CALLS:
                found.append(f"line {node.lineno}: {name}()")
            case ast.Call(func=ast.Attribute(attr=name)) if name in CLOCKS | FILES:
                found.append(f"line {node.lineno}: .{name}()")
            case ast.Call(func=ast.Attribute(attr="default_rng"), args=[]) if not node.keywords:
                found.append(f"line {node.lineno}: default_rng() without a seed")
            case ast.Call(func=ast.Attribute(value=ast.Attribute(attr="random"), attr=name)) if name.islower():
                if name != "default_rng":
                    found.append(f"line {node.lineno}: the global generator's {name}()")
            case ast.Global():
                found.append(f"line {node.lineno}: global {', '.join(node.names)}")
            case _:
                pass
    return found


@pytest.mark.parametrize("folder", PURE)
def test_a_pure_folder_touches_nothing_outside(folder: str) -> None:
    """Law: state in, state out; a replay is the live run only if nothing else is read."""
    found = {
        str(path.relative_to(TREE)): faults
        for path in sorted((TREE / folder).rglob("*.py"))
        if (faults := impurities(path.read_text("utf-8")))
    }
    assert not found


@pytest.mark.parametrize(
    "line",
    [
        "datetime.now(UTC)",
        "date.today()",
        "open('x')",
        "path.read_text()",
        "np.random.default_rng()",
        "np.random.shuffle(x)",
    ],
)
def test_the_look_itself_sees(line: str) -> None:
    """Law: each kind of impurity is found where it stands."""
    assert impurities(line)


def test_a_generator_with_a_seed_is_pure() -> None:
    """Law: chance that is handed in is not chance."""
    assert not impurities("np.random.default_rng(seed)\nnp.random.Generator(np.random.PCG64(7))")
