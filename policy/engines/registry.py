"""One module for each way in which the plane asks a workflow.

An expression is judged where the request is made, and bots answer of their own accord.
"""

from policy.engines.base import Engine
from policy.engines.on_call import OnCall
from policy.engines.python import PythonFunction
from policy.engines.webhook import Webhook

ENGINES: dict[str, Engine] = {
    "on_call": OnCall(),
    "python": PythonFunction(),
    "webhook": Webhook(),
}
