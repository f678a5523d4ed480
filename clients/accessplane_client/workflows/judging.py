"""One check: its facts read, its handler asked, its verdict reported."""

import asyncio
import inspect
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from accessplane_client.errors import PlaneError
from accessplane_client.workflows.asked import CheckedRequest
from accessplane_client.workflows.handlers import Workflows, is_async
from accessplane_client.workflows.verdicts import AccessDenied, Verdict, deny, verdict_of

if TYPE_CHECKING:
    from accessplane_client.async_client import AsyncPlane

log = logging.getLogger(__name__)

OVER = frozenset({"already_resolved", "not_found", "wrong_state"})
UNKNOWN_TOKEN = 401
NOT_OURS = 403
LONGEST_REASON = 4096  # bytes, which is what the plane takes


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
        self._ours: set[str] = set()

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
            return await self._is_over(job, error)
        return True

    async def _judge(self, job: Job) -> None:
        check = await self._plane.check(job.request_id, job.workflow)
        self._ours.add(job.workflow)
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
            return _sendable(deny(str(denied), annotations=denied.annotations))
        except Exception as error:  # whatever a handler raises is no verdict
            raise HandlerFailed from error

    async def _is_over(self, job: Job, error: PlaneError) -> bool:
        stop_if_unknown(error)
        is_over = error.code in OVER or error.status == NOT_OURS
        if error.status == NOT_OURS and not await self._is_an_exception(job):
            raise PlaneError(
                f"{error.detail} The program stops: its token must be that of the bot which "
                f"`spec.bot` of the workflow {job.workflow} names.",
                code=error.code,
                status=error.status,
            ) from error
        log.log(
            logging.INFO if is_over else logging.WARNING,
            "Workflow %s, request %s: %s%s",
            job.workflow,
            job.request_id,
            error.detail,
            "" if is_over else " It is tried again.",
        )
        return is_over

    async def _is_an_exception(self, job: Job) -> bool:
        """A check may belong to the bot of before; and no bot judges what it asks for itself."""
        if job.workflow in self._ours:
            return True
        try:
            request, me = await self._plane.request(job.request_id), await self._plane.me()
        except PlaneError:
            return True  # the next sweep finds the check again
        return me.email in {request.requester, request.author}


def stop_if_unknown(error: PlaneError) -> None:
    """Raises if the plane does not know our token: trying again would change nothing."""
    if error.status == UNKNOWN_TOKEN:
        raise PlaneError(
            f"{error.detail} The program stops: it needs another token.",
            code=error.code,
            status=error.status,
        ) from error


def _sendable(verdict: Verdict) -> Verdict:
    """As the plane takes it: a reason that is too long must not keep a denial from counting."""
    reason = str(verdict.reason).encode()[:LONGEST_REASON].decode(errors="ignore")
    annotations = {str(name): _texts(value) for name, value in verdict.annotations.items()}
    return replace(verdict, reason=reason, annotations=annotations)


def _texts(value: object) -> list[str]:
    return [str(each) for each in (value if isinstance(value, (list, tuple)) else [value])]
