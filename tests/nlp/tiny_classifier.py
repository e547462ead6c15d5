"""A classifier of two layers over a dozen words, made in a moment and saved as any other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from tokenizers import Tokenizer, normalizers, pre_tokenizers, processors
from tokenizers.models import WordPiece
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    PreTrainedTokenizerFast,
    XLMRobertaConfig,
    XLMRobertaForSequenceClassification,
)

WORDS = "good bad food wait хорошо плохо долго врач labai gerai blogai . ,".split()
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
POSITIONS = 16


def save(
    folder: Path, labels: Sequence[str], bias: Sequence[float] | None = None, seed: int = 0
) -> Path:
    """Save a classifier with these labels into `folder`; `bias` makes some of them likelier."""
    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=len(SPECIAL) + len(WORDS),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=POSITIONS,
        initializer_range=0.5,
        id2label=dict(enumerate(labels)),
        label2id={label: i for i, label in enumerate(labels)},
    )
    model = BertForSequenceClassification(config)
    if bias is not None:
        model.classifier.bias.data = torch.tensor(bias)
    model.save_pretrained(folder)
    tokenizer().save_pretrained(folder)
    return folder


def save_roberta(folder: Path, labels: Sequence[str]) -> Path:
    """Save a classifier that counts its positions from 2 on, as XLM-RoBERTa does."""
    torch.manual_seed(0)
    special = ["[CLS]", "[PAD]", "[SEP]", "[UNK]", "[MASK]"]
    config = XLMRobertaConfig(
        vocab_size=len(SPECIAL) + len(WORDS),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=POSITIONS + 2,
        pad_token_id=1,
        type_vocab_size=1,
        id2label=dict(enumerate(labels)),
    )
    XLMRobertaForSequenceClassification(config).save_pretrained(folder)
    tokenizer(special).save_pretrained(folder)
    return folder


def tokenizer(special: Sequence[str] = SPECIAL) -> PreTrainedTokenizerFast:
    vocabulary = {token: i for i, token in enumerate([*special, *WORDS])}
    core = Tokenizer(WordPiece(vocabulary, unk_token="[UNK]"))
    core.normalizer = normalizers.BertNormalizer(lowercase=True)
    core.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    core.post_processor = processors.BertProcessing(
        ("[SEP]", vocabulary["[SEP]"]), ("[CLS]", vocabulary["[CLS]"])
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=core,
        unk_token="[UNK]",
        pad_token="[PAD]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
    )
