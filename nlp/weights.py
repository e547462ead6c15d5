"""A model's folder: which files it has, whether they are whole, and how weights are stored.

Weights are kept small: matrices as 8-bit integers with one scale a row, the
two embedding tables as 4-bit integers with one scale for every 32 numbers or a
row, all else in 16 or 32 bits. They are turned into float32 when loaded, so
that arithmetic is as in training. The file is a plain safetensors file: for a matrix
`w` it has `w.int8` and `w.scale`, or `w.int4` (two numbers a byte, the even
column in the low half) and `w.scale`.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mention import UserError

if TYPE_CHECKING:
    from torch import Tensor

MODELS = Path(__file__).with_name("models")
WEIGHTS = "model.safetensors"
FILES = ("config.json", "tokenizer.json", "tokenizer_config.json", WEIGHTS)
GROUP = 32


class ModelError(UserError):
    """A model cannot be used; the message is one sentence and the next step."""


def folder_of(name_or_path: str | Path) -> Path:
    """Return the folder of a shipped model's name, or of a path.

    Raises `ModelError` when there is no such folder or a file is missing.
    """
    shipped = MODELS / str(name_or_path)
    folder = shipped if shipped.is_dir() else Path(name_or_path).expanduser()
    if not folder.is_dir():
        names = ", ".join(sorted(path.name for path in MODELS.glob("*/"))) or "none"
        raise ModelError(
            f"there is no model '{name_or_path}': give a folder or a shipped model's name ({names})"
        )
    for name in FILES:
        if not (folder / name).is_file():
            raise ModelError(f"the model in {folder} has no {name}; install Molva again")
    return folder


def read_config(folder: Path) -> dict[str, Any]:
    """Return `config.json`. Raises `ModelError` when it cannot be read."""
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(
            f"the model's config.json in {folder} cannot be read; install Molva again"
        ) from error
    if not isinstance(config, dict) or "model_version" not in config:
        raise ModelError(
            f"{folder} is no model of Molva: config.json names no model_version; "
            "make one with python -m nlp.training export"
        )
    return config


def member_of(folder: Path, config: dict[str, Any]) -> Path | None:
    """Return the folder of the model that judges together with the one in `folder`, if any does.

    `ensemble` in the configuration names it; it lies beside that folder, or is a shipped one.
    Raises `ModelError` when it is missing.
    """
    named = config.get("ensemble")
    if not named:
        return None
    beside = folder.resolve().parent / named["model"]
    return folder_of(beside if beside.is_dir() else named["model"])


def digest(path: Path) -> str:
    """Return the SHA-256 of a file as 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def verify(name_or_path: str | Path = "default") -> tuple[str, str]:
    """Check a model's files against their pinned hash; return its name and version.

    The files of the model that judges with it are checked too. Reads the files only,
    without torch. Raises `ModelError` when one is missing or damaged.
    """
    folder = folder_of(name_or_path)
    config = read_config(folder)
    _verify_weights(folder, config.get("weights_sha256"))
    member = member_of(folder, config)
    if member is not None:
        _verify_weights(member, config["ensemble"].get("weights_sha256"))
    return str(config.get("model_name", folder.name)), str(config["model_version"])


def _verify_weights(folder: Path, expected: str | None) -> None:
    try:
        found = digest(folder / WEIGHTS)
    except OSError as error:
        raise ModelError(f"the weights in {folder} cannot be read: {error.strerror}") from error
    if found != expected:
        raise ModelError(
            f"the weights in {folder} are damaged (their SHA-256 is not the one in config.json); "
            "install Molva again"
        )


def pack8(matrix: Tensor) -> tuple[Tensor, Tensor]:
    """Return `matrix` (rows, columns) as int8 and its scales (rows,)."""
    scale = matrix.abs().amax(1).clamp_min(1e-12) / 127
    return (matrix / scale[:, None]).round().clamp(-127, 127).char(), scale


def pack4(matrix: Tensor) -> tuple[Tensor, Tensor]:
    """Return `matrix` as packed 4-bit numbers (rows, columns / 2) and scales (rows, groups)."""
    import torch

    groups = matrix.unflatten(1, (-1, GROUP if matrix.shape[1] % GROUP == 0 else matrix.shape[1]))
    best = torch.zeros_like(groups)
    least = torch.full(groups.shape[:-1], float("inf"))
    scales = torch.zeros_like(least)
    # The largest number need not be met exactly: try smaller scales and keep
    # the one with the least squared error. With 7/8 the largest has level −8 exactly, so
    # that what was stored once is stored again as it was.
    for share in (1.0, 0.95, 0.9, 0.875, 0.85, 0.8, 0.75, 0.7):
        scale = (groups.abs().amax(-1).clamp_min(1e-7) * share / 7).half().float().clamp_min(6e-8)
        levels = (groups / scale[..., None]).round().clamp(-8, 7)
        error = (levels * scale[..., None] - groups).square().sum(-1)
        better = error < least
        least = torch.where(better, error, least)
        scales = torch.where(better, scale, scales)
        best = torch.where(better[..., None], levels, best)
    numbers = (best.flatten(1) + 8).byte()
    return numbers[:, ::2] | (numbers[:, 1::2] << 4), scales.half()


def unpack4(packed: Tensor, scale: Tensor) -> Tensor:
    """Return float32 (rows, columns) from what `pack4` returned."""
    import torch

    # In place where it can be: loading is part of the wait for the first result.
    numbers = torch.empty(*packed.shape, 2)
    numbers[..., 0] = packed & 15
    numbers[..., 1] = packed >> 4
    groups: Tensor = numbers.flatten(1).sub_(8).unflatten(1, (scale.shape[1], -1))
    return groups.mul_(scale.float()[..., None]).flatten(1)


def pack(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return the stored form of a state dict."""
    stored: dict[str, Tensor] = {}
    for name, value in state.items():
        tensor = value.detach().float().contiguous()
        if name.endswith(("word_embeddings.weight", "ngrams.weight")):
            stored[f"{name}.int4"], stored[f"{name}.scale"] = pack4(tensor)
        elif tensor.ndim == 2 and tensor.numel() > 100_000:
            stored[f"{name}.int8"], stored[f"{name}.scale"] = pack8(tensor)
        elif tensor.numel() > 10_000:
            stored[name] = tensor.half()
        else:
            stored[name] = tensor
    return stored


def unpack(stored: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return the state dict, float32, from its stored form."""
    state = {}
    for name, tensor in stored.items():
        if name.endswith(".int8"):
            base = name.removesuffix(".int8")
            state[base] = tensor.float().mul_(stored[f"{base}.scale"][:, None])
        elif name.endswith(".int4"):
            base = name.removesuffix(".int4")
            state[base] = unpack4(tensor, stored[f"{base}.scale"])
        elif not name.endswith(".scale"):
            state[name] = tensor.float()
    return state
