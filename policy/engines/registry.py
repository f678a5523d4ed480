"""One module for each way in which a workflow is asked; bots ask for themselves."""

from policy.engines.base import Engine
from policy.engines.expression import Expression
from policy.engines.python import PythonFunction
from policy.engines.webhook import Webhook

ENGINES: dict[str, Engine] = {
    "expression": Expression(),
    "python": PythonFunction(),
    "webhook": Webhook(),
}
