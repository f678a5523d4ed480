"""The tools: an agent looks, asks, waits and gives back. None of them decides anything."""

import time
from collections.abc import Callable
from functools import partial
from itertools import islice
from typing import Annotated, TypeVar

from anyio import CapacityLimiter, to_thread
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import Field

from accessplane_client.agents import answers
from accessplane_client.agents.bots import Agent
from accessplane_client.agents.refusals import in_words
from accessplane_client.calls import RequestDetails
from accessplane_client.cli.request_text import waiting_text
from accessplane_client.documents import AccessRequest
from accessplane_client.errors import PlaneError

HEARTBEAT = 10.0
LONGEST_WAIT = 50  # seconds; clients commonly give a call up after a minute
WAITING_AT_ONCE = 100  # threads of their own, so that who waits is in nobody's way

Result = TypeVar("Result")

RequestId = Annotated[str, Field(description="The whole id of the request, 36 characters.")]
Roles = Annotated[
    list[str],
    Field(min_length=1, description="Names of roles, as list_requestable_roles shows them."),
]
Reason = Annotated[
    str,
    Field(
        description="Why you need it, for the people who decide and for the audit log: the task, "
        "the ticket, on whose behalf. Answer the prompts of the role."
    ),
]
Duration = Annotated[
    str,
    Field(
        description="How long you need it, such as 30m or 1h30m: as short as the task allows. "
        "Empty: as long as the roles give it."
    ),
]
StartTime = Annotated[
    str,
    Field(
        description="When access should start, in ISO 8601 with a time zone, such as "
        "2026-12-01T09:00:00Z. Empty: as soon as it is approved."
    ),
]
Reviewers = Annotated[
    list[str] | None,
    Field(
        description="E-mail addresses of people who should look at it. Empty: the usual ones."
    ),
]


class Tools:
    """What agents may call; `agent_of` says on whose behalf a call is made."""

    def __init__(self, agent_of: Callable[[Context], Agent]) -> None:
        self._agent_of = agent_of
        self._waiting = CapacityLimiter(WAITING_AT_ONCE)

    async def list_requestable_roles(self, ctx: Context) -> answers.RequestableRoles:
        """What you may ask for: each role's name, title and description, how long it is given at
        most, whether a reason is required and what it should answer, and whether you hold it now.
        """
        plane = self._agent_of(ctx).plane
        return await _from_plane(lambda: answers.roles_of(plane.requestable_roles()))

    async def preview_request(
        self,
        ctx: Context,
        roles: Roles,
        reason: Reason = "",
        duration: Duration = "",
        start_time: StartTime = "",
        suggested_reviewers: Reviewers = None,
    ) -> answers.Plan:
        """What request_access would come to with the same arguments, without asking: for how long,
        who would have to agree, who could decide. Nobody is told, nothing is recorded.
        """
        plane = self._agent_of(ctx).plane
        details = _details(reason, duration, start_time, suggested_reviewers)
        return await _from_plane(lambda: answers.plan_of(plane.plan_request(roles, **details)))

    async def request_access(
        self,
        ctx: Context,
        roles: Roles,
        reason: Reason = "",
        duration: Duration = "",
        start_time: StartTime = "",
        suggested_reviewers: Reviewers = None,
    ) -> answers.Request:
        """Ask people for access. They are told, and decide; the request waits until then. Answers
        at once with the request, usually PENDING: call wait_for_decision with its id next. Ask for
        the least that the task needs, once.
        """
        plane = self._agent_of(ctx).plane
        details = _details(reason, duration, start_time, suggested_reviewers)
        return await _from_plane(
            lambda: answers.request_of(plane.create_request(roles, **details))
        )

    async def show_request(self, ctx: Context, request_id: RequestId) -> answers.Request:
        """One access request as it is now: its state, who reviewed it and said what, who may still
        decide, and what it gave.
        """
        plane = self._agent_of(ctx).plane
        return await _from_plane(lambda: answers.request_of(plane.request(request_id)))

    async def wait_for_decision(
        self,
        ctx: Context,
        request_id: RequestId,
        max_seconds: Annotated[
            int,
            Field(ge=1, le=LONGEST_WAIT, description="How long this call may take at most."),
        ] = 30,
    ) -> answers.Waited:
        """Wait until people have decided on a request, at most `max_seconds`. Returns as soon as it
        is approved, denied, cancelled or expired; otherwise with `decided: false` and the request
        still PENDING: then call again. Deciding can take people minutes or hours.
        """
        plane = self._agent_of(ctx).plane
        began = time.monotonic()
        request = await _from_plane(lambda: plane.request(request_id))
        while request.is_pending:
            passed = time.monotonic() - began
            if passed >= max_seconds:
                break
            await ctx.report_progress(passed, max_seconds, waiting_text(request))
            patience = min(max_seconds - passed, HEARTBEAT)
            look = partial(plane.wait_for_decision, request_id, timeout=patience)
            request = await self._watch(look)
        return answers.waited_for(request)

    async def list_my_requests(
        self,
        ctx: Context,
        state: Annotated[
            answers.State | None, Field(description="Only those in this state.")
        ] = None,
        limit: Annotated[int, Field(ge=1, le=100, description="At most so many.")] = 20,
    ) -> answers.Requests:
        """The requests that you made, newest first."""
        plane = self._agent_of(ctx).plane

        def read() -> answers.Requests:
            mine = plane.requests(page=limit + 1, scope="mine", state=state)
            return answers.requests_of(list(islice(mine, limit + 1)), limit=limit)

        return await _from_plane(read)

    async def list_my_access(self, ctx: Context) -> answers.Access:
        """Who you are for the plane, and what you hold now: roles held all the time, and grants
        with the seconds that are left of them.
        """
        plane = self._agent_of(ctx).plane

        def read() -> answers.Access:
            me = plane.me()
            return answers.access_of(me, plane.grants(user=me.email, in_force=True))

        return await _from_plane(read)

    async def end_access(
        self,
        ctx: Context,
        grant_id: Annotated[str, Field(description="The whole id of a grant that you hold.")],
        reason: Annotated[str, Field(description="For the audit log.")] = "",
    ) -> answers.Grant:
        """Give back access that you hold, as soon as you no longer need it. It ends at once, and
        only a new request brings it back.
        """
        plane = self._agent_of(ctx).plane
        return await _from_plane(
            lambda: answers.grant_of(plane.end_grant(grant_id, reason=reason or None))
        )

    async def cancel_request(
        self,
        ctx: Context,
        request_id: RequestId,
        reason: Annotated[str, Field(description="For the people who were asked.")] = "",
    ) -> answers.Request:
        """Take back a request of yours that is still PENDING, when you no longer need it."""
        plane = self._agent_of(ctx).plane
        return await _from_plane(
            lambda: answers.request_of(plane.cancel(request_id, reason=reason or None))
        )

    async def _watch(self, look: Callable[[], AccessRequest]) -> AccessRequest:
        """An agent that hangs up is let go at once; the look ends within a heartbeat."""
        return await _from_plane(look, limiter=self._waiting, abandon_on_cancel=True)


def _details(
    reason: str, duration: str, start_time: str, suggested_reviewers: list[str] | None
) -> RequestDetails:
    return RequestDetails(
        reason=reason or None,
        duration=duration or None,
        start_time=start_time or None,
        suggested_reviewers=suggested_reviewers or None,
    )


async def _from_plane(
    call: Callable[[], Result],
    *,
    limiter: CapacityLimiter | None = None,
    abandon_on_cancel: bool = False,
) -> Result:
    """What the plane says to `call`; its refusals become the tool's."""
    try:
        return await to_thread.run_sync(
            call, limiter=limiter, abandon_on_cancel=abandon_on_cancel
        )
    except PlaneError as error:
        raise ToolError(in_words(error)) from None
