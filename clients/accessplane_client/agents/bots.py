"""Who may come in: bots, each with a token of its own. A person's token is refused."""

from contextlib import ExitStack
from dataclasses import dataclass

from accessplane_client.client import Plane
from accessplane_client.documents import User
from accessplane_client.errors import PlaneError

DOOR = "mcp"


@dataclass(frozen=True)
class Agent:
    """A bot at work: what it reads and asks goes through `plane`, under its own token."""

    plane: Plane
    user: User


class NotABot(PlaneError):
    """The token is good, and belongs to a person."""

    def __init__(self, email: str) -> None:
        super().__init__(
            f"This token belongs to {email}, who is no bot. An agent acts under a name of its own: "
            "apply a document of `kind: user` with `bot: true`, `owner: "
            f"{email}` and the roles that say what it may ask for, make its token with "
            "`manage.py create_token`, and give the agent that one.",
            code="not_a_bot",
        )


def open_agent(url: str, token: str) -> Agent:
    """The bot whose token this is, as the plane at `url` knows it; the caller closes its plane.

    Raises `NotABot` for a person, and `PlaneError` where the plane does not know the token or
    does not answer: nobody comes in unseen.
    """
    with ExitStack() as unless_let_in:
        plane = unless_let_in.enter_context(Plane(url, token, via=DOOR))
        user = plane.me()
        if not user.bot:
            raise NotABot(user.email)
        unless_let_in.pop_all()
    return Agent(plane, user)
