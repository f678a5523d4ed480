"""As much of Jira as the workflows read, and two calls for what people do in it with the mouse.

    GET  /rest/api/3/issue/OPS-123?fields=status    as Jira Cloud answers it
    POST /tickets/OPS-123/open                      opened, or opened again
    POST /tickets/OPS-123/close

It keeps the tickets in memory.
"""

from typing import Any

from json_service import Call, Refused, main

KEY = "([A-Z][A-Z0-9]+-[0-9]+)"
STATUSES = {
    True: {
        "id": "3",
        "name": "In Progress",
        "category": (4, "indeterminate", "yellow", "In Progress"),
    },
    False: {"id": "10002", "name": "Done", "category": (3, "done", "green", "Done")},
}

_numbers: dict[str, int] = {}
_is_open: dict[str, bool] = {}


def issue(call: Call) -> tuple[int, Any]:
    key = call.parts[0]
    if key not in _is_open:
        sentence = "Issue does not exist or you do not have permission to see it."
        raise Refused(404, {"errorMessages": [sentence], "errors": {}})
    fields = {"summary": f"Ticket {key}", "status": status_of(key, call.base)}
    wanted = {name for given in call.query.get("fields", ["*all"]) for name in given.split(",")}
    number = str(_numbers[key])
    return 200, {
        "expand": "renderedFields,names,schema,operations,editmeta,changelog",
        "id": number,
        "self": f"{call.base}/rest/api/3/issue/{number}",
        "key": key,
        "fields": {
            name: value
            for name, value in fields.items()
            if wanted & {name, "*all", "*navigable"}
        },
    }


def status_of(key: str, base: str) -> dict[str, Any]:
    status = STATUSES[_is_open[key]]
    number, category, colour, name = status["category"]
    return {
        "self": f"{base}/rest/api/3/status/{status['id']}",
        "description": "",
        "iconUrl": f"{base}/images/icons/statuses/generic.png",
        "name": status["name"],
        "id": status["id"],
        "statusCategory": {
            "self": f"{base}/rest/api/3/statuscategory/{number}",
            "id": number,
            "key": category,
            "colorName": colour,
            "name": name,
        },
    }


def move(call: Call) -> tuple[int, Any]:
    key, to = call.parts
    if to == "close" and key not in _is_open:
        raise Refused(404, {"error": "There is no such ticket."})
    _numbers.setdefault(key, 10_000 + len(_numbers))
    _is_open[key] = to == "open"
    return 200, {"key": key, "status": STATUSES[_is_open[key]]["name"]}


if __name__ == "__main__":
    routes = [
        ("GET", f"/rest/api/3/issue/{KEY}", issue),
        ("POST", f"/tickets/{KEY}/(open|close)", move),
    ]
    main("The Jira look-up", routes, port=8702)
