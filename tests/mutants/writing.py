"""Writes a file's mutants as JSON lines.

Run by the Python of `.cache/mutants`, which has cosmic-ray: nothing of hazflow is imported here.

Of each operator one telling replacement is taken: the boundary and the negation of a comparison, the opposite of an
operation, the other constant. Left out is what is declared and not done: annotations, the flags of a class
(``frozen``, ``gc``), and the defaults of parameters, in whose place the policy file's values come.
"""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

BINARY = ("Add_Sub", "Sub_Add", "Mul_Add", "Div_Mul", "FloorDiv_Mul", "Mod_Mul", "LShift_RShift", "BitOr_BitAnd")
COMPARISON = (
    "Eq_NotEq", "NotEq_Eq", "Lt_LtE", "Lt_GtE", "LtE_Lt", "LtE_Gt", "Gt_GtE", "Gt_LtE", "GtE_Gt", "GtE_Lt",
    "Is_IsNot", "IsNot_Is",
)  # fmt: skip
OPERATORS = (
    *(f"core/ReplaceBinaryOperator_{name}" for name in BINARY),
    *(f"core/ReplaceComparisonOperator_{name}" for name in COMPARISON),
    "core/ReplaceUnaryOperator_Delete_USub", "core/ReplaceUnaryOperator_Delete_Not", "core/AddNot",
    "core/ReplaceTrueWithFalse", "core/ReplaceFalseWithTrue", "core/ReplaceAndWithOr", "core/ReplaceOrWithAnd",
    "core/ReplaceBreakWithContinue", "core/ReplaceContinueWithBreak", "core/NumberReplacer",
    "core/ZeroIterationForLoop",
)  # fmt: skip


def mutants(source: str) -> list[dict[str, Any]]:
    """Every mutant of a source that differs in more than its annotations, and from every other one."""
    operator_of = import_module("cosmic_ray.plugins").get_operator
    tree = import_module("cosmic_ray.ast").get_ast(source)
    seen, found = {_meaning(source)}, []
    for name in OPERATORS:
        for text in _texts(tree, operator_of(name)()):
            meaning = _meaning(text)
            if meaning is not None and meaning not in seen:
                seen.add(meaning)
                found.append({"operator": name.removeprefix("core/"), "text": text})
    return found


def _texts(tree: Any, operator: Any) -> Iterator[str]:
    """What an operator makes of the source at each of its places, one at a time."""
    for node in list(import_module("cosmic_ray.ast").ast_nodes(tree)):
        for index, _ in enumerate(list(operator.mutation_positions(node))):
            with _kept(node):
                other = operator.mutate(node, index)
                if other is node:
                    yield tree.get_code()
                else:
                    beside = node.parent.children
                    place = next(number for number, one in enumerate(beside) if one is node)
                    beside[place] = other
                    yield tree.get_code()
                    beside[place] = node


@contextmanager
def _kept(node: Any) -> Iterator[None]:
    """A node of the tree is afterwards what it was before, whatever an operator changed in it or right below it."""
    inside = list(getattr(node, "children", ()))
    values = [(one, one.value) for one in (node, *inside) if hasattr(one, "value")]
    yield
    if inside:
        node.children[:] = inside
    for one, value in values:
        one.value = value


class _Bare(ast.NodeTransformer):
    """Takes declarations out: they are never looked at while a rule runs."""

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        """A class without its flags; parameters without their defaults."""
        node.keywords = []
        if node.name == "Parameters":
            node.body = []
        return self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> ast.arg:
        """An argument without its annotation."""
        node.annotation = None
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """A function without the annotation of what it returns."""
        node.returns = None
        return self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        """A name without its type; the bounds of a parameter (``Meta``) do count."""
        if not any(isinstance(part, ast.Call) for part in ast.walk(node.annotation)):
            node.annotation = ast.Constant(None)
        return self.generic_visit(node)


def _meaning(source: str) -> str | None:
    try:
        return ast.dump(_Bare().visit(ast.parse(source)))
    except SyntaxError:
        return None


if __name__ == "__main__":
    for mutant in mutants(Path(sys.argv[1]).read_text(encoding="utf-8")):
        print(json.dumps(mutant))
