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

from mention import UserError

log = logging.getLogger(__name__)
# Steps between two lines of the log.
SHOW = 20


@dataclass(frozen=True)
class Pace:
    """How long a stage runs and how its rate moves.

    `warm_up`: share of the run in which the rate rises; `final`: share of the peak
    that is left at the end; `minutes`: limit over all resumed runs of the stage
    together, None for no limit; `checkpoint_seconds`: None for no checkpoints.
    """

    warm_up: float
    seed: int
    final: float = 0.0
    minutes: float | None = None
    checkpoint_seconds: float | None = 240.0


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
    where that exists; raises `UserError` when it belongs to a run of other length.
    """
    optimizer = torch.optim.AdamW(list(groups), fused=True)
    peak = [group["lr"] for group in optimizer.param_groups]
    if pace.checkpoint_seconds is None:
        checkpoint = None
    step, spent = _resume(checkpoint, model, optimizer, count) if checkpoint else (0, 0.0)
    log.info("%d steps, from step %d", count, step)
    limit = pace.minutes * 60 if pace.minutes else float("inf")
    saved = shown = time.monotonic()
    began = saved - spent
    # Summed where it is computed: asking for a loss makes the processor wait for a GPU.
    total, steps, tokens = torch.zeros((), device=next(model.parameters()).device), 0, 0
    model.train()
    while step < count and (spent := time.monotonic() - began) < limit:
        torch.manual_seed(pace.seed + step)
        share = rate_share(max(step / count, spent / limit), pace)
        for group, rate in zip(optimizer.param_groups, peak, strict=True):
            group["lr"] = rate * share
        loss, read = loss_of(step)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
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
            save(checkpoint, _state(model, optimizer, step, count, now - began))
            saved = now
        if at_end and step in ends and step < count:
            at_end(step)
            model.train()
            shown = time.monotonic()
    if step < count:
        log.info("stopped after %.0f minutes, at step %d of %d", limit / 60, step, count)
        if checkpoint:
            save(checkpoint, _state(model, optimizer, step, count, time.monotonic() - began))
    if at_end:
        at_end(step)


def save(path: Path, state: object) -> None:
    """Write with `torch.save` beside the old file, then replace it: a kill leaves one whole."""
    fresh = path.with_suffix(".new")
    torch.save(state, fresh)
    fresh.replace(path)


def _state(
    model: nn.Module, optimizer: torch.optim.Optimizer, step: int, count: int, seconds: float
) -> dict[str, Any]:
    return {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "step": step,
        "steps": count,
        "seconds": seconds,
    }


def _resume(
    path: Path, model: nn.Module, optimizer: torch.optim.Optimizer, count: int
) -> tuple[int, float]:
    """Load a checkpoint where there is one; return its step and the seconds spent so far."""
    if not path.exists():
        return 0, 0.0
    state = torch.load(path, map_location=next(model.parameters()).device, weights_only=True)
    # Checkpoints of earlier releases do not say how long their run was.
    if state.get("steps", count) != count:
        raise UserError(
            f"{path} is from a run of {state['steps']:,} steps, this one has {count:,}: "
            "delete it, or give another --name"
        )
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    return int(state["step"]), float(state.get("seconds", 0.0))
