"""Pure: which URLs of Apprise's may be used, and what must not stand in them.

Every service here talks HTTP alone, so that all of it goes the plane's one way out, and none of
them reads a file that its URL names. What the plane has a channel type for is left to that.
"""

import re
from urllib.parse import parse_qsl

SERVICES = frozenset([
    "clicksend", "cliq", "dingtalk", "feishu", "flock", "gchat", "groupme", "ifttt",
    "infobip", "join", "lark", "line", "msgbird", "notica", "pbul", "plivo", "pover", "prowl",
    "ryver", "seven", "sinch", "sns", "spugpush", "stackfield", "telnyx", "tgram", "threema",
    "twilio", "twist", "vonage", "webex", "wecombot", "wxteams", "zoom", "zulip",
])  # fmt: skip
# These name their host: it must be public, or one that the operator opened.
SELF_HOSTED = frozenset([
    "apprise", "apprises", "bark", "barks", "form", "forms", "gotify", "gotifys", "hassio",
    "hassios", "json", "jsons", "matrix", "matrixs", "nctalk", "nctalks", "noticas", "ntfy",
    "ntfys", "rocket", "rockets", "signal", "signals", "smseagle", "smseagles", "synology",
    "synologys",
])  # fmt: skip
ALLOWED = SERVICES | SELF_HOSTED

_SCHEME = re.compile(r"([a-z0-9]{1,20})://\S", re.IGNORECASE)
# How long, how often and how safely is the plane's to say; a failure must be seen; and a template
# is a file.
NOT_THEIRS = frozenset([
    "cto", "optional", "overflow", "redirect", "retry", "rto", "store", "template", "verify",
    "wait",
])  # fmt: skip
_OWN_TYPES = {
    "discord": "discord", "mailto": "email", "mailtos": "email", "jira": "jira",
    "mmost": "mattermost", "mmosts": "mattermost", "pagerduty": "pagerduty", "slack": "slack",
    "workflow": "teams", "workflows": "teams",
}  # fmt: skip
LONGEST_URL = 2000


def scheme_of(url: str) -> str:
    """The scheme of an Apprise URL that may be used; ValueError says why it may not.

    The sentence shows nothing of the URL but its scheme: the rest is a secret.
    """
    found = _SCHEME.match(url)
    if found is None or len(url) > LONGEST_URL or not url.isprintable() or " " in url:
        raise ValueError("This is no URL of Apprise's, such as tgram://bot-token/chat-id.")
    scheme = found[1].lower()
    if scheme in _OWN_TYPES:
        raise ValueError(f"For {scheme}:// there is the channel type {_OWN_TYPES[scheme]}.")
    if scheme not in ALLOWED:
        raise ValueError(f"{scheme}:// is not among the services that may be used.")
    said = parse_qsl(url.partition("?")[2], keep_blank_values=True)
    names = {name.strip().lower() for name, _ in said}
    for name in sorted(names & NOT_THEIRS):
        raise ValueError(f"{name}= is not for a URL to say.")
    return scheme
