"""Telling the cluster, in the background, what was written on the page."""

from __future__ import annotations

import logging
from threading import Condition, Thread
from typing import Annotated, Final, cast

from fastapi import Depends, Request

import pipeline
from answers.remarks import Remark
from cluster import Place, index_store
from mention import UserError

# Most changes are sent by then, so that whoever made one finds it in the cluster.
PATIENCE: Final = 2.0  # seconds

_log = logging.getLogger(__name__)


class Courier:
    """Sends what waits in the store's outbox, one sending at a time.

    A change is in the store and its outbox before this is told of it: whatever fails here,
    the next change or `molva index` sends it.
    """

    def __init__(self, place: Place) -> None:
        self._place = place
        self._changed = Condition()
        self._asked = self._done = 0
        self._is_running = False
        self._problem: Remark | None = None

    def send(self, patience: float = PATIENCE) -> Remark | None:
        """Have what waits now be sent.

        Args:
            patience: how long to wait for it, in seconds; it goes on after that.

        Returns:
            Why the cluster does not have the change yet; None where it has, and where nothing
            is sent to a cluster.
        """
        if not self._place.asks_cluster:
            return None
        with self._changed:
            self._asked += 1
            mine = self._asked
            if not self._is_running:
                self._is_running = True
                Thread(target=self._run, name="courier", daemon=True).start()
            is_done = self._changed.wait_for(lambda: self._done >= mine, patience)
            return self._problem if is_done else Remark("cluster_told_now")

    def _run(self) -> None:
        while True:
            with self._changed:
                if self._done == self._asked:
                    self._is_running = False
                    return
                # What was asked for meanwhile is in the outbox before sending begins.
                asked = self._asked
            problem = self._try()
            with self._changed:
                self._done, self._problem = asked, problem
                self._changed.notify_all()

    def _try(self) -> Remark | None:
        """Send once; return what went wrong."""
        project = self._place.project
        try:
            with pipeline.read_store(project) as store:
                if store.outbox().state() is None:
                    return Remark("cluster_never_told")
            report = index_store(project, insecure_http=self._place.insecure_http)
        except UserError as error:
            return Remark("cluster_not_told", message=str(error))
        except Exception:
            _log.exception("what waits for the cluster could not be sent")
            return Remark("cluster_not_told_logged")
        if report.refused:
            return Remark("cluster_refuses", count=report.refused)
        return None


def _courier(request: Request) -> Courier:
    return cast(Courier, request.app.state.courier)


# What an endpoint takes that has written something.
Telling = Annotated[Courier, Depends(_courier)]
