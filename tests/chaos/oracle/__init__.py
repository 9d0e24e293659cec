"""The oracle: what an installation must say to a log, told slowly and plainly, with nothing of `streams/` in it.

It reads the whole log first, sorts, and only then thinks: no batches, no lanes, no state to restore, no late facts.
Books and the rules A3, A5, B2, B4 and B5 are written anew here; every other detector is folded step by step.
"""

from tests.chaos.oracle.answer import Oracle, answer

__all__ = ["Oracle", "answer"]
