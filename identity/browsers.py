"""Pure: a browser in words, from what it says of itself."""

# The first that is found counts: most browsers also name the ones they descend from.
_BROWSERS = {
    "Edg": "Edge",
    "OPR": "Opera",
    "Firefox": "Firefox",
    "FxiOS": "Firefox",
    "Chrome": "Chrome",
    "CriOS": "Chrome",
    "Safari": "Safari",
}
_SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Windows": "Windows",
    "Mac OS X": "macOS",
    "CrOS": "ChromeOS",
    "Linux": "Linux",
}


def browser_of(agent: str) -> tuple[str, str]:
    """The browser and the system that a User-Agent names, such as Firefox and Linux; empty texts
    for what is not known."""
    return _first(_BROWSERS, agent), _first(_SYSTEMS, agent)


def _first(known: dict[str, str], agent: str) -> str:
    return next((name for mark, name in known.items() if mark in agent), "")
