"""What the page's interface itself refuses, by code: one English sentence for each.

As with queries (`index.query_mistakes`), a code stays when its sentence is put better, and the
page has a sentence of its own for it in each of its languages.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from index import query_mistakes

# What is chosen beside a query, and what the query and all of that are together.
NARROWING: Final[Mapping[str, str]] = MappingProxyType(
    {
        **query_mistakes.SENTENCES,
        **{
            f"{code}_together": f"with what is chosen beside it, {query_mistakes.SENTENCES[code]}"
            for code in ("too_long", "too_deep")
        },
        "days_backwards": "{first} is after {last}; swap the two days",
        "no_chosen_topic": "'{topic}' is no topic; write its code, such as speed or speed:negative",
    }
)

# What may not be asked or done, or not now.
SENTENCES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "no_mention": "there is no mention {mention}",
        "mention_elsewhere": "the store of this machine does not have {mention}; write where it "
        "was collected",
        "mention_edited": "this mention was edited since it was shown; read it again",
        "many_downloads": "{most} files are being downloaded already; try again when one has ended",
        "token_needed": "a token is needed; sign in with one",
        "wrong_token": "this is not a token of this page; ask who serves it",
        "many_wrong_tokens": "several wrong tokens came from this address; wait {seconds} seconds",
        "only_reading": "this may only read; sign in with the write token",
        "other_name": "this name is not the page's; give it to --allow-host to use it",
        "other_site": "another site asked for this; open the page itself",
        "no_json": "send JSON, with the header 'Content-Type: application/json'",
        "damaged_json": "what was sent is not JSON; send one object",
        "too_large": "what was sent has more than {most} KiB; send less",
        "fault": "something went wrong here; the server's log has it",
    }
)
# Of arguments pydantic says, in English, what is wrong with each: by its name of the mistake, or
# else for all others. `argument` names it.
ARGUMENTS: Final[Mapping[str, str]] = MappingProxyType({"extra_forbidden": "unknown_argument"})
WRONG_ARGUMENT: Final = "wrong_argument"
