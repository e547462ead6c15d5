"""The page: search and trends for people who would rather look than type.

`app.py` puts it together, `api/` has the JSON interface, a file for each group of questions,
`static/` has what the browser runs. It knows answers, the index's protocol and the store, and
nothing of crawlers or of commands.
"""
