"""What Mattermost takes, shows and reads as posts and dialogs: the limits of its public source."""

import html
import json
import re
from dataclasses import dataclass, field
from typing import Any


class Refusal(Exception):
    """An error of the API: its status and Mattermost's own name for it."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status, self.code = status, code


@dataclass
class Shown:
    """A post: where it stands, and what it says now."""

    id: str
    channel_id: str
    root_id: str = ""
    message: str = ""
    props: dict[str, Any] = field(default_factory=dict)
    delete_at: int = 0
    edits: int = 0

    @property
    def attachment(self) -> dict[str, Any]:
        (attachment,) = self.props["attachments"]
        return attachment

    @property
    def words(self) -> str:
        """What people read, with the Markdown as sent."""
        parts = [self.message]
        for one in self.props.get("attachments", []):
            parts += [one["title"], one["text"]]
            parts += [f"{fact['title']}: {fact['value']}" for fact in one["fields"]]
        return "\n".join(parts)

    @property
    def said(self) -> str:
        """What people read, rendered."""
        return rendered(self.words)

    @property
    def actions(self) -> list[dict[str, Any]]:
        return [act for one in self.props.get("attachments", []) for act in one["actions"]]

    @property
    def buttons(self) -> list[str]:
        return [action["name"] for action in self.actions]

    def for_clients(self) -> dict[str, Any]:
        """The post as anybody but the server gets it."""
        props = json.loads(json.dumps(self.props))
        for one in props.get("attachments", []):
            for action in one["actions"]:
                del action["integration"]
        return {
            "id": self.id,
            "channel_id": self.channel_id,
            "root_id": self.root_id,
            "message": self.message,
            "props": props,
        }


def rendered(text: str) -> str:
    """The text without what only the parser sees."""
    return re.sub(r"\\([\\`*{}\[\]()#+\-.!_>~|])", r"\1", text).replace("\u2060", "")


def mentions_in(post: Shown) -> set[str]:
    """Whom the server would call: it reads the message, and texts and fields of attachments."""
    texts = [post.message]
    for one in post.props.get("attachments", []):
        texts += [one.get("pretext", ""), one["text"], *(f["value"] for f in one["fields"])]
    words: set[str] = set()
    for text in texts:
        plain = html.unescape(re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", text))
        for word in re.findall(r"[:.\-_@\w]+", plain):
            words.update(part for part in re.split(r"[.\-:]", word.lstrip(":.-_")))
            words.add(word.lstrip(":.-_"))
    return {word for word in words if re.match(r"@\w", word)}


def check_props(props: dict[str, Any]) -> dict[str, Any]:
    """The props of a post, if Mattermost and its clients would take them."""
    assert len(json.dumps(props)) <= 800_000
    for attachment in props.get("attachments", []):
        assert re.fullmatch(r"#[0-9a-f]{6}", attachment["color"])
        assert all(isinstance(one["value"], str) for one in attachment["fields"])
        for action in attachment["actions"]:
            assert re.fullmatch(r"[A-Za-z0-9]+", action["id"])
            assert action["name"]
            assert action["type"] == "button"
            assert action["style"] in {
                "default",
                "primary",
                "success",
                "good",
                "warning",
                "danger",
            }
            assert action["integration"]["url"].startswith(("http://", "https://"))
    return props


def check_dialog(dialog: dict[str, Any]) -> None:
    """What a dialog has to be, or clients show it wrongly."""
    assert 1 <= len(dialog["title"].encode()) <= 24
    assert len({one["name"] for one in dialog["elements"]}) == len(dialog["elements"])
    for element in dialog["elements"]:
        assert 1 <= len(element["display_name"].encode()) <= 24
        assert len(element.get("help_text", "").encode()) <= 150
        assert element["type"] in {"text", "textarea"}
        assert element["max_length"] <= {"text": 150, "textarea": 3000}[element["type"]]
