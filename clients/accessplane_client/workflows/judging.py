"""One check: its facts read, its handler asked, its verdict reported."""

import asyncio
import inspect
import json
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

from accessplane_client.errors import PlaneError
from accessplane_client.workflows.asked import CheckedRequest
from accessplane_client.workflows.handlers import Workflows, is_async
from accessplane_client.workflows.verdicts import AccessDenied, Verdict, deny, verdict_of

if TYPE_CHECKING:
    from accessplane_client.async_client import AsyncPlane

log = logging.getLogger(__name__)

OVER = frozenset({"already_resolved", "not_found", "wrong_state"})
REFUSED = frozenset({401, 403})


class Job(NamedTuple):
    """A check to look at."""

    request_id: str
    workflow: str


class HandlerFailed(Exception):
    """Nothing is to be reported: what the handler raised is the cause."""


class Judge:
    """Asks the handlers of one program, as many at once as there are threads."""

    def __init__(self, plane: "AsyncPlane", workflows: Workflows, *, concurrency: int) -> None:
        self._plane = plane
        self._workflows = workflows
        self._threads = ThreadPoolExecutor(concurrency, thread_name_prefix="workflow")

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def settle(self, job: Job) -> bool:
        """Whether nothing is left to do. Raises PlaneError when the token is not taken."""
        try:
            await self._judge(job)
        except HandlerFailed as failed:
            log.exception(
                "Workflow %s failed on request %s. Nothing is reported; it is tried again.",
                job.workflow,
                job.request_id,
                exc_info=failed.__cause__,
            )
            return False
        except PlaneError as error:
            return _is_over(job, error)
        return True

    async def _judge(self, job: Job) -> None:
        check = await self._plane.check(job.request_id, job.workflow)
        if not check.is_pending:
            return
        asked = CheckedRequest.read(check.facts, workflow=job.workflow)
        verdict = await self._verdict(asked)
        await self._plane.report(
            job.request_id,
            job.workflow,
            verdict.verdict,
            reason=verdict.reason,
            annotations=verdict.annotations,
        )
        log.info("Workflow %s says %s to %s.", job.workflow, verdict.verdict, job.request_id)

    async def _verdict(self, asked: CheckedRequest) -> Verdict:
        handler = self._workflows.handler(asked.workflow)
        loop = asyncio.get_running_loop()
        try:
            if is_async(handler):
                returned = handler(asked)
            else:
                returned = await loop.run_in_executor(self._threads, handler, asked)
            if inspect.isawaitable(returned):
                returned = await returned
            return _sendable(verdict_of(returned))
        except AccessDenied as denied:
            return deny(str(denied), annotations=denied.annotations)
        except Exception as error:  # whatever a handler raises is no verdict
            raise HandlerFailed from error


def refuse_to_go_on(error: PlaneError, *, workflows: str) -> None:
    """Raises if the plane does not take our token: trying again would change nothing."""
    if error.status in REFUSED:
        raise PlaneError(
            f"{error.detail} The program stops: its token must be that of the bot which "
            f"`spec.bot` names, for {workflows}.",
            code=error.code,
            status=error.status,
        ) from error


def _is_over(job: Job, error: PlaneError) -> bool:
    if error.code in OVER:
        log.info("Workflow %s, request %s: %s", job.workflow, job.request_id, error.detail)
        return True
    refuse_to_go_on(error, workflows=job.workflow)
    log.warning(
        "Workflow %s, request %s: %s It is tried again.",
        job.workflow,
        job.request_id,
        error.detail,
    )
    return False


def _sendable(verdict: Verdict) -> Verdict:
    json.dumps([verdict.reason, verdict.annotations])
    return verdict
