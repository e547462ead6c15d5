"""Steps of an optimiser with a schedule, a log and checkpoints, whatever it is that learns.

A checkpoint every few minutes makes a stage resumable: what a step reads follows
from its number, and so do the random numbers, so a resumed run ends where an
uninterrupted one does. With a limit in minutes the learning rate falls by the
clock where that is ahead of the steps, so that a stopped run is a finished one.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from mention import UserError

log = logging.getLogger(__name__)
# Steps between two lines of the log.
SHOW = 20


@dataclass(frozen=True)
class Pace:
    """How long a stage runs and how its rate moves.

    `warm_up`: share of the run in which the rate rises; `final`: share of the peak
    that is left at the end; `minutes`: limit over all resumed runs of the stage
    together, None for no limit; `checkpoint_seconds`: None for no checkpoints. `average`:
    share that a step leaves of the running mean of the weights, which is then the result
    (Polyak and Juditsky 1992, https://doi.org/10.1137/0330046), None for the last weights.
    """

    warm_up: float
    seed: int
    final: float = 0.0
    minutes: float | None = None
    checkpoint_seconds: float | None = 240.0
    average: float | None = None


def device() -> str:
    """Return `cuda` where there is a GPU, else `cpu`."""
    return "cuda" if torch.cuda.is_available() else "cpu"


def rate_share(done: float, pace: Pace) -> float:
    """Return the share of the peak rate when the share `done` of a run is over."""
    if done < pace.warm_up:
        return done / pace.warm_up
    fallen = (done - pace.warm_up) / max(1e-9, 1 - pace.warm_up)
    return 1 - (1 - pace.final) * fallen


def run(
    model: nn.Module,
    groups: Sequence[dict[str, Any]],
    loss_of: Callable[[int], tuple[Tensor, int]],
    count: int,
    *,
    checkpoint: Path | None,
    pace: Pace,
    ends: Collection[int] = (),
    at_end: Callable[[int], None] | None = None,
) -> None:
    """Take `count` steps with AdamW, or as many as `pace.minutes` allow.

    `groups`: parameters with their peak rates; `loss_of`: from a step's number to
    its loss and how many tokens it read. After the steps whose numbers are in
    `ends`, and after the last one, `at_end` is called. Resumes from `checkpoint`
    where that exists; raises `UserError` when it belongs to a run of other length. With
    `pace.average` the model has the mean of its weights at the end.
    """
    learner = _Learner(model, groups, pace.average)
    if pace.checkpoint_seconds is None:
        checkpoint = None
    step, spent = learner.resume(checkpoint, count) if checkpoint else (0, 0.0)
    log.info("%d steps, from step %d", count, step)
    limit = pace.minutes * 60 if pace.minutes else float("inf")
    saved = shown = time.monotonic()
    began = saved - spent
    # Summed where it is computed: asking for a loss makes the processor wait for a GPU.
    total, steps, tokens = torch.zeros((), device=next(model.parameters()).device), 0, 0
    model.train()
    while step < count and (spent := time.monotonic() - began) < limit:
        torch.manual_seed(pace.seed + step)
        loss, read = loss_of(step)
        learner.learn(loss, rate_share(max(step / count, spent / limit), pace))
        step += 1
        total, steps, tokens = total + loss.detach(), steps + 1, tokens + read
        now = time.monotonic()
        if step % SHOW == 0:
            mean = float(total) / steps
            now = time.monotonic()
            rate = tokens / (now - shown)
            log.info("step %d loss %.4f, %.0f tokens/s", step, mean, rate)
            total, steps, tokens, shown = torch.zeros_like(total), 0, 0, now
        due = now - saved > (pace.checkpoint_seconds or 0) or step in ends or step == count
        if checkpoint and due:
            save(checkpoint, learner.state(step, count, now - began))
            saved = now
        if at_end and step in ends and step < count:
            at_end(step)
            model.train()
            shown = time.monotonic()
    if step < count:
        log.info("stopped after %.0f minutes, at step %d of %d", limit / 60, step, count)
        if checkpoint:
            save(checkpoint, learner.state(step, count, time.monotonic() - began))
    learner.finish()
    if at_end:
        at_end(step)


class _Learner:
    """A model, its optimiser, and the running mean of its weights if one is wanted."""

    def __init__(
        self, model: nn.Module, groups: Sequence[dict[str, Any]], average: float | None
    ) -> None:
        self.model = model
        self.optimizer = torch.optim.AdamW(list(groups), fused=True)
        self.peak = [group["lr"] for group in self.optimizer.param_groups]
        self.mean: AveragedModel | None = None
        if average is not None:
            self.mean = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(average))

    def learn(self, loss: Tensor, share: float) -> None:
        """Take one step down `loss`, with `share` of the peak rates."""
        for group, rate in zip(self.optimizer.param_groups, self.peak, strict=True):
            group["lr"] = rate * share
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        if self.mean is not None:
            self.mean.update_parameters(self.model)

    def finish(self) -> None:
        """Give the model the mean of its weights, where one was kept."""
        if self.mean is not None:
            self.model.load_state_dict(self.mean.module.state_dict())

    def state(self, step: int, count: int, seconds: float) -> dict[str, Any]:
        """Return what a checkpoint holds."""
        state = {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "step": step,
            "steps": count,
            "seconds": seconds,
        }
        return state if self.mean is None else state | {"mean": self.mean.state_dict()}

    def resume(self, path: Path, count: int) -> tuple[int, float]:
        """Load a checkpoint where there is one; return its step and the seconds spent so far."""
        if not path.exists():
            return 0, 0.0
        device = next(self.model.parameters()).device
        state = torch.load(path, map_location=device, weights_only=True)
        # Checkpoints of earlier releases do not say how long their run was.
        if state.get("steps", count) != count:
            raise UserError(
                f"{path} is from a run of {state['steps']:,} steps, this one has {count:,}: "
                "delete it, or give another --name"
            )
        if (self.mean is not None) != ("mean" in state):
            raise UserError(
                f"{path} is from a run with another --average: delete it, or give another --name"
            )
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        if self.mean is not None:
            self.mean.load_state_dict(state["mean"])
        return int(state["step"]), float(state.get("seconds", 0.0))


def save(path: Path, state: object) -> None:
    """Write with `torch.save` beside the old file, then replace it: a kill leaves one whole."""
    fresh = path.with_suffix(".new")
    torch.save(state, fresh)
    fresh.replace(path)
