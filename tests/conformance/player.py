"""Plays a case against the product, through its published doors only."""

import json
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.test import Client

from tests.conformance import matchers
from tests.conformance.case_files import APPLY, Case

MISSING_ID = str(UUID(int=0xDEAD))
MOMENT = re.compile(r"@now([+-]\d+)")
SAVED = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Answer:
    """What one call gave."""

    status: int
    content_type: str
    text: str

    @property
    def document(self) -> Any:
        return json.loads(self.text) if "json" in self.content_type else None


class Player:
    """One case being played: who may call, what was saved, and what time it is."""

    def __init__(
        self,
        *,
        token_of: Callable[[str], str],
        committing: Callable[[], AbstractContextManager[Any]],
        set_clock: Callable[[timedelta], None],
        begun_at: datetime,
    ) -> None:
        self._token_of = token_of
        self._committing = committing
        self._set_clock = set_clock
        self._begun_at = begun_at
        self._client = Client()
        self._saved = {"missing": MISSING_ID}

    def play(self, case: Case) -> None:
        if case.documents:
            answer = self._call("root", "POST", APPLY, case.documents, {})
            assert answer.status == 200, f"the documents were refused: {answer.text}"
        for number, step in enumerate(case.steps, start=1):
            complaints = self._take(step)
            assert not complaints, f"step {number}, {_named(step)}: " + "; ".join(complaints)

    def _take(self, step: dict[str, Any]) -> list[str]:
        if "clock" in step:
            self._set_clock(timedelta(seconds=step["clock"]))
            return []
        body = self._filled(step["body"]) if "body" in step else None
        path = self._with_saved(step["path"])
        headers = step.get("headers", {})
        answer = self._call(step["actor"], step["method"], path, body, headers)
        complaints = []
        if "pages" in step:
            answer, complaints = self._all_pages(step, answer)
        complaints += self._judge(step.get("expect", {}), answer)
        if not complaints:
            self._save(step.get("save", {}), answer)
        return complaints

    def _call(
        self, actor: str | None, method: str, path: str, body: Any, headers: dict[str, str]
    ) -> Answer:
        if actor is not None:
            headers = {"Authorization": f"Bearer {self._token_of(actor)}"} | headers
        data = "" if body is None else json.dumps(body)
        kind = "application/json" if data else "application/octet-stream"
        with self._committing():
            response = self._client.generic(method, path, data, kind, headers=headers)
        return Answer(
            status=response.status_code,
            content_type=response.headers.get("Content-Type", ""),
            text=response.content.decode(),
        )

    def _all_pages(self, step: dict[str, Any], first: Answer) -> tuple[Answer, list[str]]:
        """The answer with the results of every page in it, and what was wrong on the way."""
        results, answer, complaints = [], first, []
        while answer.status == 200:
            results += answer.document["results"]
            following = answer.document["next"]
            if following is None:
                break
            if len(answer.document["results"]) != step["pages"]:
                complaints.append(f"a page holds {len(answer.document['results'])} results")
            answer = self._call(step["actor"], step["method"], following, None, {})
        if answer.status != 200:
            return answer, complaints
        whole = json.dumps(answer.document | {"results": results})
        return Answer(answer.status, answer.content_type, whole), complaints

    def _judge(self, expect: dict[str, Any], answer: Answer) -> list[str]:
        if "status" in expect and answer.status != expect["status"]:
            return [f"status {answer.status}, not {expect['status']}: {answer.text[:500]}"]
        complaints = []
        if "code" in expect:
            complaints += _judge_problem(expect["code"], answer)
        for path, expected in expect.get("fields", {}).items():
            found = matchers.look_up(answer.document, path)
            complaints.append(matchers.complaint(self._filled(expected), found, name=path))
        for text in expect.get("text", []):
            if self._with_saved(text) not in answer.text:
                complaints.append(f"the answer does not contain {text!r}")
        if "after" in expect:
            complaints += self._judge_afterwards(expect["after"])
        return [one for one in complaints if one]

    def _judge_afterwards(self, after: dict[str, Any]) -> list[str]:
        """What an administrator reads about the request once the call is over."""
        path = f"/api/v1/access-requests/{self._saved[after['of']]}/"
        answer = self._call("root", "GET", path, None, {})
        if answer.status != 200:
            return [f"root cannot read the request afterwards: {answer.text[:500]}"]
        complaints = []
        if answer.document["state"] != after["state"]:
            complaints.append(f"afterwards {answer.document['state']}, not {after['state']}")
        stored = len(answer.document["reviews"])
        if stored != after.get("reviews", stored):
            complaints.append(f"afterwards {stored} reviews, not {after['reviews']}")
        return complaints

    def _save(self, wanted: dict[str, str], answer: Answer) -> None:
        for name, path in wanted.items():
            found = matchers.look_up(answer.document, path).value
            assert isinstance(found, str), f"there is no {path} to keep as {name}"
            self._saved[name] = found

    def _filled(self, value: Any) -> Any:
        """The value with saved names, moments and repetitions written out."""
        if isinstance(value, str):
            moment = MOMENT.fullmatch(value)
            return self._moment(int(moment[1])) if moment else self._with_saved(value)
        if isinstance(value, list):
            return [self._filled(one) for one in value]
        if isinstance(value, dict):
            if "$repeat" in value:
                text, times = value["$repeat"]
                return text * times
            return {key: self._filled(one) for key, one in value.items()}
        return value

    def _moment(self, seconds: int) -> str:
        return (self._begun_at + timedelta(seconds=seconds)).isoformat()

    def _with_saved(self, text: str) -> str:
        """Braces that no step has filled stay: patterns and templates have braces too."""
        return SAVED.sub(lambda m: self._saved.get(m[1], m[0]), text)


def _judge_problem(code: str, answer: Answer) -> list[str]:
    if not answer.content_type.startswith("application/problem+json"):
        return [f"the answer is {answer.content_type}, no problem document"]
    problem = answer.document
    wanted = {"code": code, "status": answer.status}
    complaints = [
        f"{key} is {problem.get(key)!r}, not {value!r}: {problem.get('detail')}"
        for key, value in wanted.items()
        if problem.get(key) != value
    ]
    if not problem.get("detail"):
        complaints.append("the problem says nothing")
    return complaints


def _named(step: dict[str, Any]) -> str:
    return f"{step.get('actor')} {step.get('method')} {step.get('path')}"
