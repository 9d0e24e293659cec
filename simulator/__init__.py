"""A seeded province that reports, errs and cheats, with labels; knows nothing but events.

simulation = simulator.simulate(simulator.sample(simulator.known_areas()))
simulator.write(simulation, Path("sample"))
evaluation = simulator.evaluate.evaluate(simulation.labels, raised)
"""

from simulator import evaluate
from simulator.config import Area, Config, clean, known_areas, of_size, sample, tiny
from simulator.files import read_labels, read_lines, write
from simulator.labels import Label
from simulator.province import Simulation, simulate

__all__ = [
    "Area", "Config", "Label", "Simulation", "clean", "evaluate", "known_areas", "of_size", "read_labels",
    "read_lines", "sample", "simulate", "tiny", "write",
]  # fmt: skip
