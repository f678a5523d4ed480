"""A function of the operator's own, in a process of its own.

It could hang, leak or crash, and nothing of the plane shall hang, leak or crash with it. The
process is ended when its time is over, and does not get the plane's own secrets.
"""

import contextlib
import json
import logging
import os
import re
import signal
import subprocess
import sys
from datetime import datetime, timedelta

from django.conf import settings

from policy.engines.base import EngineFailed, Question, verdict_from
from policy.verdicts import Verdict

log = logging.getLogger(__name__)

LARGEST_ANSWER = 64 * 1024
# What the plane itself runs on is no business of a workflow.
_OURS = re.compile(r"ACCESSPLANE_.*|DATABASE_URL|REDIS_URL|CELERY_.*|EMAIL_URL|DJANGO_.*|PG.*")


class PythonFunction:
    """Runs the workflow's function."""

    def ask(self, question: Question, *, patience: timedelta, at: datetime) -> Verdict:
        """What the function comes to: ALLOW unless it raises `AccessDenied`, or says otherwise."""
        name = question.spec.callable
        if name not in settings.ACCESSPLANE_WORKFLOW_CALLABLES:
            raise EngineFailed(f"{name} is not named in ACCESSPLANE_WORKFLOW_CALLABLES.")
        facts = json.dumps(question.facts.document())
        answer = _run([sys.executable, "-m", "policy.engines.child", name], facts, patience)
        if answer is None:
            raise EngineFailed(f"{name} took longer than {patience.total_seconds():g} seconds.")
        code, written = answer
        if code != 0 or not written or len(written) > LARGEST_ANSWER:
            raise EngineFailed(f"{name} failed; the log of the worker says why.")
        return verdict_from(written, teller=name)


def _run(command: list[str], said: str, patience: timedelta) -> tuple[int, bytes] | None:
    """The exit code and what the child wrote; None if it had to be ended.

    What the child writes to its standard error goes to the log.
    """
    child = subprocess.Popen(  # noqa: S603 - our own interpreter and module
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=settings.BASE_DIR,
        env={name: value for name, value in os.environ.items() if not _OURS.fullmatch(name)},
        start_new_session=True,
    )
    try:
        written, complaint = child.communicate(said.encode(), patience.total_seconds())
    except subprocess.TimeoutExpired:
        return None
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)  # with whatever it started itself
        child.wait()
    if complaint:
        log.warning(
            "A workflow's function wrote: %s", complaint.decode(errors="replace")[-4000:]
        )
    return child.returncode, written
