"""Kinds learned from labelled marks: a multinomial logistic regression in plain numpy, as a small text."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from inspection.defects.features import NAMES, vector_of
from inspection.defects.kinds import Kind
from inspection.refused import Refused

Floats = NDArray[np.float64]

FORMAT = "paint-kinds/1"
TABLE = "mean, scale, weight of each kind"
#: Weight of a Gaussian prior on the weights: the value with the least misfit on panels left out.
RIDGE = 0.5
#: Parts into which the panels are divided to learn how sure it may be.
FOLDS = 5
TEMPERATURES = np.geomspace(0.6, 2.5, 60)
DECIMALS = 3


@dataclass(frozen=True, slots=True)
class Labelled:
    """A mark whose kind is known; `group` names its panel: marks of one panel are alike."""

    features: Mapping[str, float]
    kind: Kind
    group: str


@dataclass(frozen=True, eq=False)
class Learned:
    """Weights of one regression.

    Attributes
    ----------
    kinds : tuple of Kind
    mean, scale : (features,)
        Features are centred and scaled by these.
    weights : (features + 1, kinds)
        The last row is the offset.
    temperature : float
        By which the logits are divided: above 1 where it was too sure on panels left out.
    n_marks, n_labels : int
        Learned from; how many of them people labelled.
    """

    kinds: tuple[Kind, ...]
    mean: Floats
    scale: Floats
    weights: Floats
    temperature: float
    n_marks: int
    n_labels: int

    def probabilities(self, vectors: Floats) -> Floats:
        """Of every kind, (marks, kinds), from feature vectors (marks, features)."""
        return _softmax(self._logits(vectors) / self.temperature)

    def _logits(self, vectors: Floats) -> Floats:
        return np.asarray((vectors - self.mean) / self.scale @ self.weights[:-1] + self.weights[-1])

    @cached_property
    def text(self) -> str:
        """As JSON, one row a line; the same marks give the same text."""
        head = {
            "format": FORMAT,
            "simulated": self.n_labels < self.n_marks,
            "n_marks": self.n_marks,
            "n_labels": self.n_labels,
            "temperature": round(self.temperature, DECIMALS),
            "kinds": [str(kind) for kind in self.kinds],
        }
        lines = [f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in head.items()]
        rows = [
            f"    {json.dumps(name)}: {json.dumps([round(float(v), DECIMALS) for v in row])}"
            for name, row in zip((*NAMES, "offset"), np.column_stack([self._moments(), self.weights]), strict=True)
        ]
        table = ",\n".join(rows)
        return "{\n" + ",\n".join(lines) + f',\n  "{TABLE}": {{\n{table}\n  }}\n}}\n'

    def _moments(self) -> Floats:
        return np.vstack([np.column_stack([self.mean, self.scale]), [0.0, 1.0]])


def learned_of(text: str) -> Learned:
    """Read what `Learned.text` wrote.

    Raises
    ------
    Refused
        Another format, or other features than this version of the program has.
    """
    data = json.loads(text)
    if data.get("format") != FORMAT:
        raise Refused(f"kinds.json: format: expected {FORMAT}, found {data.get('format')}")
    rows = data[TABLE]
    if tuple(rows) != (*NAMES, "offset"):
        raise Refused("kinds.json: other features than this version has: run `paint-station train` again")
    table = np.array(list(rows.values()), float)
    return Learned(
        kinds=tuple(Kind(name) for name in data["kinds"]),
        mean=table[:-1, 0],
        scale=table[:-1, 1],
        weights=table[:, 2:],
        temperature=float(data["temperature"]),
        n_marks=int(data["n_marks"]),
        n_labels=int(data["n_labels"]),
    )


def learn(marks: Sequence[Labelled], *, n_labels: int = 0) -> Learned:
    """Learn kinds from labelled marks.

    Parameters
    ----------
    marks : sequence of Labelled
        At least two kinds.
    n_labels : int
        How many of them people labelled.

    Raises
    ------
    Refused
        Fewer than two kinds.

    Notes
    -----
    Convex, so the solution is one whatever the start. How sure it may be is learned on marks of panels that were left
    out: temperature scaling (C. Guo et al., ICML 2017).
    """
    kinds = tuple(kind for kind in Kind if any(mark.kind is kind for mark in marks))
    if len(kinds) < 2:
        raise Refused(f"training: expected marks of two kinds at least, found {len(kinds)}")
    vectors = np.array([vector_of(mark.features) for mark in marks])
    truth = np.array([kinds.index(mark.kind) for mark in marks])
    mean, scale = vectors.mean(0), vectors.std(0) + 0.05
    mean, scale = np.round(mean, DECIMALS), np.round(scale, DECIMALS)
    z = np.column_stack([(vectors - mean) / scale, np.ones(len(vectors))])
    groups = {name: i for i, name in enumerate(sorted({mark.group for mark in marks}))}
    fold = np.array([groups[mark.group] % FOLDS for mark in marks])
    logits = np.zeros((len(marks), len(kinds)))
    for k in range(FOLDS):
        left_out = fold == k
        if left_out.any() and not left_out.all():
            logits[left_out] = z[left_out] @ _weights(z[~left_out], truth[~left_out], len(kinds))
    return Learned(
        kinds=kinds,
        mean=mean,
        scale=scale,
        weights=np.round(_weights(z, truth, len(kinds)), DECIMALS),
        temperature=_temperature(logits, truth),
        n_marks=len(marks),
        n_labels=n_labels,
    )


def _weights(z: Floats, truth: NDArray[np.intp], n_kinds: int) -> Floats:
    wanted = np.eye(n_kinds)[truth]
    shape = (z.shape[1], n_kinds)

    def misfit(flat: Floats) -> tuple[float, Floats]:
        weights = flat.reshape(shape)
        p = _softmax(z @ weights)
        pulled = RIDGE * weights
        pulled[-1] = 0.0
        loss = 0.5 * (pulled * weights).sum() - np.log(np.maximum(p[np.arange(len(truth)), truth], 1e-300)).sum()
        return float(loss), (z.T @ (p - wanted) + pulled).ravel()

    options = {"maxiter": 3000, "maxfun": 6000, "gtol": 1e-6, "ftol": 1e-14}
    found = minimize(misfit, np.zeros(shape[0] * n_kinds), jac=True, method="L-BFGS-B", options=options)
    return np.asarray(found.x.reshape(shape) - found.x.reshape(shape).mean(1, keepdims=True))


def _temperature(logits: Floats, truth: NDArray[np.intp]) -> float:
    losses = [
        -np.log(np.maximum(_softmax(logits / t)[np.arange(len(truth)), truth], 1e-300)).mean() for t in TEMPERATURES
    ]
    return round(float(TEMPERATURES[int(np.argmin(losses))]), DECIMALS)


def _softmax(logits: Floats) -> Floats:
    power = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(power / power.sum(axis=-1, keepdims=True))
