"""Overall sentiment by any classifier of Hugging Face's kind instead of the tagger's own.

A folder with `config.json`, a tokenizer and weights in safetensors, or a hub
id, which is looked up in the local cache or downloaded. Pickled weights are
never read, and code that comes with a model is never run. A long text is read
in windows; its probabilities are the mean of the windows' logarithms, weighted
by their tokens.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from mention import SENTIMENTS
from nlp.sentiment_labels import check_labels, sentiments
from nlp.weights import ModelError, digest

if TYPE_CHECKING:
    from torch import Tensor

WEIGHTS: Final = "model.safetensors"
INDEX: Final = f"{WEIGHTS}.index.json"
_TOKENIZER: Final = (
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.txt",
    "vocab.json",
    "merges.txt",
    "spiece.model",
    "sentencepiece.bpe.model",
)
_HUB_ID: Final = re.compile(r"\w[\w.-]*(/[\w.-]+)?")
# Tokens of a window with its special ones, and of a batch with padding.
WINDOW: Final = 512
BATCH_TOKENS: Final = 4096


def resolve(path_or_id: str | Path, *, download: bool = True) -> Path:
    """Return the folder of a model: the path itself, or where a hub id lies in the cache.

    Raises `ModelError` when there is none, or its weights are not in safetensors.
    """
    name = str(path_or_id)
    folder = Path(name).expanduser()
    if not folder.is_dir():
        if folder.exists() or not _HUB_ID.fullmatch(name):
            raise ModelError(
                f"there is no folder {name}; give the folder of a sentiment model, or a hub id"
            )
        folder = _from_hub(name, download)
    if not (folder / "config.json").is_file():
        raise ModelError(f"{name} has no config.json; give the folder of a sentiment model")
    _weights(folder)
    return folder


def _from_hub(name: str, download: bool) -> Path:
    """Return the cached folder of a hub id; the network is used only for what is not cached."""
    import huggingface_hub

    wanted = ["config.json", WEIGHTS, INDEX, "model-*.safetensors", *_TOKENIZER]
    reason = "NotCached"
    for local in (True, False) if download else (True,):
        try:
            found = huggingface_hub.snapshot_download(
                name, allow_patterns=wanted, local_files_only=local
            )
        except Exception as error:  # network, disk and hub raise many kinds
            reason = type(error).__name__
            continue
        folder = Path(found)
        # Another program may have fetched only the pickled weights.
        if not (local and download) or any(folder.glob("*.safetensors")):
            return folder
    raise ModelError(
        f"there is no folder {name}, and the hub's model of this name is neither in the cache "
        f"nor to be had ({reason}); download it on a machine with a network and give its folder"
    )


def _weights(folder: Path) -> list[Path]:
    """Return the files of the weights. Raises `ModelError` when they are not in safetensors."""
    names = [WEIGHTS]
    if not (folder / WEIGHTS).is_file() and (folder / INDEX).is_file():
        try:
            shards = json.loads((folder / INDEX).read_text(encoding="utf-8"))["weight_map"]
            names = sorted({str(name) for name in shards.values()})
        except (ValueError, KeyError, AttributeError, OSError) as error:
            raise ModelError(f"{folder / INDEX} is damaged; get the model again") from error
    for name in names:
        if Path(name).name == name and name.endswith(".safetensors") and (folder / name).is_file():
            continue
        if any(folder.glob("*.bin")) or any(folder.glob("*.pt")):
            raise ModelError(
                f"the weights in {folder} are pickled, which can run code when opened; load them "
                "once where you trust them and save them with save_pretrained, as safetensors"
            )
        raise ModelError(f"{folder} has no {name}; give the folder of a whole sentiment model")
    return [folder / name for name in names]


def version(folder: Path, labels: Mapping[str, str]) -> str:
    """Return `sentiment.` and 8 hexadecimal digits of the model's files and the given mapping."""
    files = [folder / "config.json", *_weights(folder)]
    files += [path for name in _TOKENIZER if (path := folder / name).is_file()]
    parts = [digest(path) for path in files] + [f"{k}={labels[k]}" for k in sorted(labels)]
    return "sentiment." + hashlib.sha256("\n".join(parts).encode()).hexdigest()[:8]


class SentimentModel:
    """A loaded classifier. `version`: what the tagger's version gets appended."""

    def __init__(self, tokenizer: Any, model: Any, classes: Sequence[str], name: str) -> None:
        import torch

        self.version = name
        self._tokenizer = tokenizer
        self._model = model
        self._special = tokenizer.num_special_tokens_to_add()
        self._limit = _limit(tokenizer, model.config)
        self._classes = torch.zeros(len(classes), len(SENTIMENTS))
        for row, sentiment in enumerate(classes):
            self._classes[row, SENTIMENTS.index(sentiment)] = 1

    @classmethod
    def load(cls, path_or_id: str | Path, labels: Mapping[str, str] | None = None) -> Self:
        """Load a model's folder or hub id; `labels` maps its labels where names do not say it.

        Raises `ModelError` when it cannot be used, `SentimentLabelError`.
        """
        mapping = check_labels(labels or {})
        folder = resolve(path_or_id)
        tokenizer, model = _load(folder)
        names = [str(model.config.id2label[i]) for i in range(model.config.num_labels)]
        return cls(tokenizer, model, sentiments(names, mapping), version(folder, mapping))

    def shares(self, texts: Sequence[str]) -> list[Tensor]:
        """Return the probabilities of each text: (4,), in the order of `mention.SENTIMENTS`."""
        import torch

        if not texts:
            return []
        cut = self._tokenizer(
            list(texts), truncation=True, max_length=self._limit, return_overflowing_tokens=True
        )
        owners = [int(owner) for owner in cut["overflow_to_sample_mapping"]]
        rows = {name: cut[name] for name in self._tokenizer.model_input_names if name in cut}
        sums = torch.zeros(len(texts), len(self._classes))
        tokens = torch.zeros(len(texts), 1)
        with torch.inference_mode():
            for batch in self._batches([len(ids) for ids in rows["input_ids"]]):
                chosen = {name: [values[i] for i in batch] for name, values in rows.items()}
                padded = (
                    self._tokenizer.pad(chosen, return_tensors="pt")
                    if len(batch) > 1
                    else {name: torch.tensor(values) for name, values in chosen.items()}
                )
                found = self._model(**padded).logits.float().log_softmax(-1)
                for i, logarithms in zip(batch, found, strict=True):
                    size = max(1, len(rows["input_ids"][i]) - self._special)
                    sums[owners[i]] += size * logarithms
                    tokens[owners[i]] += size
        return list((sums / tokens.clamp_min(1)).softmax(-1) @ self._classes)

    def _batches(self, lengths: Sequence[int]) -> Iterator[list[int]]:
        """Yield numbers of windows of like length; a model without padding gets one at a time."""
        order = sorted((i for i, length in enumerate(lengths) if length), key=lengths.__getitem__)
        batch: list[int] = []
        for i in order:
            full = (len(batch) + 1) * lengths[i] > BATCH_TOKENS
            if batch and (full or self._tokenizer.pad_token is None):
                yield batch
                batch = []
            batch.append(i)
        if batch:
            yield batch


def _limit(tokenizer: Any, config: Any) -> int:
    """Return how many tokens the model reads at once."""
    limit = min(WINDOW, int(tokenizer.model_max_length))
    positions = getattr(config, "max_position_embeddings", None)
    if isinstance(positions, int) and positions > 0:
        pad = tokenizer.pad_token_id or 0
        # Models of RoBERTa's kind count positions from the padding token's number on.
        limit = min(limit, positions - (pad + 1 if 0 < pad < 8 else 0))
    return limit


def _load(folder: Path) -> tuple[Any, Any]:
    """Return tokenizer and model. Raises `ModelError`."""
    import torch
    import transformers

    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
        model, report = transformers.AutoModelForSequenceClassification.from_pretrained(
            folder,
            trust_remote_code=False,
            use_safetensors=True,
            local_files_only=True,
            dtype=torch.float32,
            output_loading_info=True,
        )
    except Exception as error:  # transformers, tokenizers and safetensors raise many kinds
        reason = str(error).strip().split("\n")[0].rstrip(".") or type(error).__name__
        raise ModelError(
            f"the sentiment model in {folder} cannot be loaded ({reason}); it must be of a kind "
            "that transformers knows, since code that comes with a model is never run"
        ) from error
    if report["missing_keys"]:
        lacking = ", ".join(sorted(report["missing_keys"])[:3])
        raise ModelError(
            f"{folder} is no trained classifier (its weights lack {lacking}); "
            "give a model that was trained for sentiment"
        )
    if model.config.num_labels < 2 or model.config.problem_type == "multi_label_classification":
        raise ModelError(
            f"the model in {folder} does not choose one of several labels; "
            "give a classifier of two or more sentiments"
        )
    if not tokenizer.is_fast:
        raise ModelError(
            f"the tokenizer in {folder} cannot cut long texts into windows; "
            "save it once with a tokenizer.json"
        )
    return tokenizer, model.eval()
