"""A program behind an address: it gets the facts, signed, and answers with a verdict (CONTRACT 6)."""

import json
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from accessplane.lib import outbound, signing
from accessplane.lib.outbound import OutboundFailed
from policy.engines.base import EngineFailed, Question, verdict_from
from policy.verdicts import Verdict

LONGEST_CALL = timedelta(seconds=10)
_OK, _ACCEPTED = 200, 202


class Webhook:
    """Calls the workflow's address."""

    def ask(self, question: Question, *, patience: timedelta, at: datetime) -> Verdict | None:
        """The verdict of a 200; None for a 202, whose verdict comes over REST."""
        content = {"workflow": question.workflow, **question.facts.document()}
        body = json.dumps(content).encode()
        try:
            signature = signing.signed(
                id=question.key, at=at, body=body, secrets=question.secrets
            )
        except signing.InvalidSecret as error:
            raise EngineFailed("The secret of the workflow cannot sign.") from error
        try:
            answer = outbound.send(
                "POST",
                question.spec.url,
                headers={"content-type": "application/json", **signature},
                body=body,
                timeout=min(patience, LONGEST_CALL),
            )
        except OutboundFailed as failure:
            raise EngineFailed(failure.sentence) from failure
        host = urlsplit(question.spec.url).hostname or ""
        if answer.status == _ACCEPTED and question.spec.bot:
            return None
        if answer.status == _ACCEPTED:
            raise EngineFailed(
                f"{host} answers later, and the workflow names no `bot` that could report it."
            )
        if answer.status != _OK:
            raise EngineFailed(f"{host} answered with the status {answer.status}.")
        return verdict_from(answer.body, teller=host)
