"""From text to labels: sentences, language, the transformer, the taxonomy, training, evaluation.

Importing this package loads neither torch nor transformers; `nlp.tagger` does.
"""
