"""Hold the half-lives of ``nuclides.csv`` against ICRP-107, as radioactivedecay ships it; not run by hazflow.

python -m pip install --target /tmp/icrp --no-deps radioactivedecay
python reference/half_lives.py /tmp/icrp
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np

TABLE = Path(__file__).with_name("nuclides.csv")
SECONDS = {"s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0}


def icrp(folder: Path) -> dict[str, float]:
    """Nuclide → half-life in seconds; years by the data set's own length of a year."""
    (found,) = folder.glob("radioactivedecay/icrp107*/decay_data.npz")
    data = np.load(found, allow_pickle=True)
    units = SECONDS | {"y": float(data["year_conv"]) * SECONDS["d"]}
    named = zip(data["nuclides"], data["hldata"], strict=True)
    return {str(name): float(value) * units[unit] for name, (value, unit, _) in named if unit in units}


def main(folder: str) -> int:
    """Print what differs by more than one part in a thousand; how much does is the exit code."""
    known = icrp(Path(folder))
    lines = [line for line in TABLE.read_text("utf-8").splitlines() if not line.startswith("#")]
    wrong = 0
    for row in csv.DictReader(lines):
        said, true = float(row["half_life_s"]), known[row["nuclide"]]
        if abs(said / true - 1) > 1e-3:
            wrong += 1
            print(f"{row['nuclide']}: {said} in the table, {true:.6g} in ICRP-107")
    print(f"{wrong} differ")
    return wrong


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
