"""Which machine of several collects a job, without any of them asking another.

Rendezvous hashing (D. G. Thaler and C. V. Ravishankar, IEEE/ACM Transactions on Networking 6,
1998): each machine's number is hashed together with the job, and the highest hash has it.
The answer depends on nothing but the job and the number of machines, not on the order or
the number of the others; one more machine takes its own share from all and moves nothing else.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from collecting.jobs import Job
from mention import UserError


class ShardError(UserError):
    """A shard that does not exist."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Shard:
    """One machine of several.

    Attributes:
        number: from 1 to `machines`.
        machines: how many there are.
    """

    number: int
    machines: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the shard that `2/8` names.

        Raises:
            ShardError: it names none.
        """
        match = re.fullmatch(r"([0-9]{1,4})/([0-9]{1,4})", text.strip())
        if match is None or not 1 <= int(match[1]) <= int(match[2]):
            raise ShardError(f"'{text}' is no shard; write 2/8 for the second of eight machines")
        return cls(int(match[1]), int(match[2]))

    def of(self, jobs: Iterable[Job]) -> list[Job]:
        """Return those of `jobs` that this machine collects, in their order."""
        return [job for job in jobs if machine_of(job.series, self.machines) == self.number]


def machine_of(key: str, machines: int) -> int:
    """Return which of `machines`, counted from 1, has `key`."""
    return max(range(1, machines + 1), key=lambda machine: _weight(key, machine))


def _weight(key: str, machine: int) -> bytes:
    return hashlib.blake2b(f"{machine}\x1f{key}".encode(), digest_size=16).digest()
