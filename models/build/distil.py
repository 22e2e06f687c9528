"""Train the int8 network to answer as the float one does: no labels, CPU only."""

from dataclasses import dataclass

import numpy as np
import torch
from losses import FEATURES, WEIGHTS, feature_loss, loss_terms
from movenet import HEADS
from student import Student

PACE = {"steps": 0.02, "bias": 0.02, "log_scale": 1e-3, "zero_point": 0.02}
WARM_UP = 50


@dataclass(frozen=True)
class Plan:
    """How long to train, and from which random numbers."""

    batches: int
    pace: float
    batch_size: int = 8
    seed: int = 1
    report_every: int = 50


def distil(graph, scheme, lessons, crops, plan, report=print):
    """Train, and give what was learned.

    Parameters
    ----------
    graph : Graph, equalised and shifted (quantise.shift_input)
    scheme : quantise.Scheme, to start from
    lessons : lessons.Lessons
    crops : augment.Augmenter
    report : called now and then as report(line, student)

    Returns
    -------
    quantise.Scheme
    """
    torch.manual_seed(plan.seed)
    torch.set_num_threads(1)
    student = Student(graph, scheme)
    optimiser, schedule = optimiser_of(student, plan)
    sums = {}
    for number in range(1, plan.batches + 1):
        terms = train_on(student, optimiser, *lessons(crops.batch(plan.batch_size)))
        schedule.step()
        sums = {name: sums.get(name, 0.0) + value for name, value in terms.items()}
        if number % plan.report_every == 0:
            report(progress(number, plan, sums), student)
            sums = {}
    return student.scheme()


def optimiser_of(student, plan):
    """Adam at a pace of its own for each kind of parameter, warmed up, then cooled to nothing."""
    groups = {kind: [] for kind in PACE}
    for name, parameter in student.named_parameters():
        if parameter.requires_grad:
            groups[name.rsplit(".", 1)[1]].append(parameter)
    rated = [dict(params=params, lr=PACE[kind] * plan.pace) for kind, params in groups.items()]
    optimiser = torch.optim.Adam(rated, betas=(0.9, 0.99))
    return optimiser, torch.optim.lr_scheduler.LambdaLR(optimiser, lambda number: heat(number, plan.batches))


def heat(number, batches):
    """The pace's share at one batch: a short rise, then half a cosine."""
    return min(number / WARM_UP, 0.5 + 0.5 * np.cos(np.pi * number / batches))


def train_on(student, optimiser, x, target, features):
    """One batch; gives each term of the loss."""
    found = student(x)
    terms = loss_terms({name: found[name] for name in HEADS}, target)
    terms["features"] = feature_loss(found[FEATURES], features)
    optimiser.zero_grad()
    sum(WEIGHTS[name] * term for name, term in terms.items()).backward()
    optimiser.step()
    return {name: term.item() for name, term in terms.items()}


def progress(number, plan, sums):
    """One line: the batch and the mean of each term since the last line."""
    means = "  ".join(f"{name} {value / plan.report_every:.4f}" for name, value in sums.items())
    return f"batch {number}/{plan.batches}  {means}"
