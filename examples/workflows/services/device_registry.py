"""A device registry: whose computers does the company know?

    GET    /devices?owner=frank@example.com    {"devices": [{"serial": "C02X", "owner": "frank@..."}]}
    POST   /devices                            {"serial": "C02X", "owner": "frank@example.com"}
    DELETE /devices/C02X

It keeps them in memory. A real one would be an inventory such as Jamf, Intune or Snipe-IT.
"""

from typing import Any

from json_service import Call, Refused, main

_owners: dict[str, str] = {}


def devices(call: Call) -> tuple[int, Any]:
    wanted = [owner.lower() for owner in call.query.get("owner", [])]
    found = [
        {"serial": serial, "owner": owner}
        for serial, owner in sorted(_owners.items())
        if not wanted or owner in wanted
    ]
    return 200, {"devices": found}


def register(call: Call) -> tuple[int, Any]:
    given = call.body()
    serial, owner = given.get("serial"), given.get("owner")
    if not (isinstance(serial, str) and isinstance(owner, str) and serial and owner):
        raise Refused(400, {"error": "A device has a serial and an owner."})
    _owners[serial] = owner.lower()
    return 201, {"serial": serial, "owner": owner.lower()}


def remove(call: Call) -> tuple[int, Any]:
    if _owners.pop(call.parts[0], None) is None:
        raise Refused(404, {"error": "There is no such device."})
    return 204, None


if __name__ == "__main__":
    routes = [
        ("GET", "/devices", devices),
        ("POST", "/devices", register),
        ("DELETE", "/devices/([^/]+)", remove),
    ]
    main("The device registry", routes, port=8701)
