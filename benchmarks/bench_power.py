"""How quiet a machine must be for `edgepose bench --compare` to see 5 %, by simulation.

    python benchmarks/bench_power.py [--trials N]

Half of the processes lie within the percentage in the first column of their middle. "Even" ones are normally
distributed, those "with tails" as Student's t with two degrees of freedom: then some are ten times as far off, as on
machines that others use too. Printed: the share of slowdowns by 5 % that are called a regression, and that of identical
pairs, for one measure of the seven that a comparison has.
"""

import argparse

import numpy as np

from edgepose.bench import bootstrap, compare

N_MEASURES, SLOWER, TOLERANCE = 7, 1.05, 0.03
SCATTERS, PROCESSES = (0.0025, 0.005, 0.01, 0.015), (6, 10, 16, 24)
#: How processes lie around their middle, half of them within 1.
SHAPES = {"even": lambda rng, n: rng.normal(0, 1 / 0.6745, n),
          "with tails": lambda rng, n: rng.standard_t(2, n) / 0.8165}


def main():
    """Print a row for each scatter."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--trials", type=int, default=100)
    trials, rng = parser.parse_args().trials, np.random.default_rng(1)
    bootstrap.N_DRAWS = 300
    print(f"{'half within':>22}" + "".join(f"{f'{n} processes: caught':>23}{'false':>7}" for n in PROCESSES))
    for shape, draw in SHAPES.items():
        for scatter in SCATTERS:
            cells = [shares(rng, n, scatter, draw, trials) for n in PROCESSES]
            row = "".join(f"{caught:>23.0%}{false:>7.0%}" for caught, false in cells)
            print(f"{f'{shape}, {scatter:.2%}':>22}{row}", flush=True)


def shares(rng, n, scatter, draw, trials):
    """(caught, false alarms), shares of the trials."""
    return [np.mean([alarm(rng, n, scatter, draw, factor, trial) for trial in range(trials)])
            for factor in (SLOWER, 1.0)]


def alarm(rng, n, scatter, draw, factor, seed):
    """Whether a pair of runs, the new one slower by a factor, is called a regression."""
    old, new = (k * np.exp(scatter * draw(rng, n)) for k in (1.0, factor))
    ratio, low, _ = bootstrap.ratio_interval(old, new, 1 - (1 - compare.LEVEL) / N_MEASURES, seed)
    return low > 1 and ratio > 1 + TOLERANCE


if __name__ == "__main__":
    main()
