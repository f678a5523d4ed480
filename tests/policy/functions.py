"""What an operator's functions may do; each runs in a process of its own."""

import atexit
import json
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

from accessplane_client import abstain, deny

from policy import verdicts


class AccessDenied(Exception):
    """Of the client library, say: the same name in another place."""


class NoTicket(verdicts.AccessDenied):
    """A refusal with a name of its own."""


def allows(req):
    assert req.roles == ["dba"]


def denies(req):
    raise verdicts.AccessDenied(f"{req.user} needs a ticket")


def denies_with_a_foreign_class(req):
    raise AccessDenied("foreign, and no all the same")


def denies_with_a_class_of_its_own(req):
    raise NoTicket("no ticket")


def denies_at_length(req):
    raise verdicts.AccessDenied("ä\0" * 5000)


def judges_by_everything(req):
    seen = {
        "id": req.id,
        "user": req.user,
        "roles": req.roles,
        "reason": req.reason,
        "annotations": req.annotations["nothing"],
        "requester_roles": req.requester_roles,
        "team": req.traits["team"],
        "nothing": req.traits["nothing"],
        "absent": req.traits.get("absent"),
        "workflow": req.workflow,
        "created_at": req.created_at.isoformat(),
        "start_time": req.start_time,
        "hours": req.duration / timedelta(hours=1),
        "duration_seconds": req.duration_seconds,
        "extends": req.extends,
    }
    raise verdicts.AccessDenied(json.dumps(seen))


def abstains(req):
    return "ABSTAIN"


def abstains_as_a_bot_does(req):
    return abstain("not mine", annotations={"ticket": ["OPS-1"]})


def denies_at_length_as_a_bot_does(req):
    return deny("ä\0" * 5000)


def says_deny(req):
    return verdicts.Effect.DENY


def breaks(req):
    raise ValueError("a secret-looking detail")


def returns_true(req):
    return True


def returns_false(req):
    return False


def returns_a_list(req):
    return []


async def is_async(req):
    return "ALLOW"


def yields(req):
    yield "ALLOW"


def returns_another_word(req):
    return "allow"


def prints(req):
    print('{"verdict": "DENY"}')  # noqa: T201
    os.write(1, b'{"verdict": "DENY"}')
    subprocess.run([sys.executable, "-c", "print('from a child')"], check=True)


def prints_without_end(req):
    while True:
        print("x" * 10_000)  # noqa: T201


def complains_a_lot(req):
    sys.stderr.write("y" * 10_000_000 + "the end")


def writes_a_huge_answer(req):
    for fd in range(3, 10):
        try:
            os.write(fd, b"x" * 200_000)
        except OSError:
            continue


def leaves_quietly(req):
    os._exit(0)


def leaves_with_a_code(req):
    os._exit(3)


def crashes_at_the_end(req):
    """It has answered by then; whether it was done, nobody knows."""
    atexit.register(os._exit, 3)


def crashes(req):
    os.kill(os.getpid(), signal.SIGSEGV)


def exits(req):
    sys.exit("I am done")


def is_not_callable_with_this():
    """Takes nothing."""


def hangs(req):
    Path(req.reason).write_text(str(os.getpid()))
    time.sleep(600)


def hangs_with_a_child(req):
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    Path(req.reason).write_text(str(child.pid))
    child.wait()


def ignores_signals(req):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    hangs(req)


def leaves_a_child_behind(req):
    """The child holds the pipes open; nobody waits for it."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    Path(req.reason).write_text(str(child.pid))


def tells_its_environment(req):
    raise verdicts.AccessDenied(" ".join(sorted(os.environ)))


def tells_its_modules(req):
    raise verdicts.AccessDenied(" ".join(sorted({m.partition(".")[0] for m in sys.modules})))


def names_its_process(req):
    raise verdicts.AccessDenied(str(os.getpid()))


not_a_function = "text"
