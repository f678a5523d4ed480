"""A function of the operator's own, in a process of its own.

It could hang, leak or crash, and nothing of the plane shall hang, leak or crash with it. The
process is ended when its time is over, and does not get the plane's own secrets.
"""

import json
import logging
import os
import sys
from datetime import datetime, timedelta

from django.conf import settings

from accessplane.lib import processes
from accessplane.lib.processes import Finished, TookTooLong, WroteTooMuch
from accessplane.lib.secret_texts import belongs_to_plane
from policy.engines.base import EngineFailed, Question, verdict_from
from policy.verdicts import Verdict

log = logging.getLogger(__name__)

LARGEST_ANSWER = 64 * 1024


class PythonFunction:
    """Runs the workflow's function."""

    def ask(self, question: Question, *, patience: timedelta, at: datetime) -> Verdict:
        """What the function comes to: ALLOW unless it raises `AccessDenied`, or says otherwise.

        What it writes to its standard output or error goes to the log.
        """
        name = question.spec.callable
        if name not in settings.ACCESSPLANE_WORKFLOW_CALLABLES:
            raise EngineFailed(f"{name} is not named in ACCESSPLANE_WORKFLOW_CALLABLES.")
        content = {"workflow": question.workflow, **question.facts.document()}
        facts = json.dumps(content).encode()
        try:
            finished = _run(name, facts, patience)
        except TookTooLong as error:
            seconds = f"{patience.total_seconds():g}"
            raise EngineFailed(f"{name} took longer than {seconds} seconds.") from error
        except WroteTooMuch as error:
            raise EngineFailed(f"{name} answered with too much.") from error
        if finished.complaint:
            wrote = finished.complaint.decode(errors="replace")
            log.warning("The function %s wrote: %s", name, wrote)
        if finished.code != 0 or not finished.written:
            raise EngineFailed(f"{name} failed; the log of the worker says why.")
        return verdict_from(finished.written, teller=name)


def _run(name: str, facts: bytes, patience: timedelta) -> Finished:
    return processes.run(
        [sys.executable, "-m", "policy.engines.child", name],
        facts,
        cwd=settings.BASE_DIR,
        env={key: value for key, value in os.environ.items() if not belongs_to_plane(key)},
        patience=patience,
        largest=LARGEST_ANSWER,
    )
