"""Making the weights: `python -m nlp.training STAGE`. Needs the extra `train`; docs/model.md."""
