"""The last line of a terminal, with a turning wheel, while something is waited for."""

from typing import Self

from rich.console import Console
from rich.text import Text

from accessplane_client.cli.safe_text import clean


class LiveLine:
    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False, soft_wrap=True)
        self._status = self._console.status("")

    def __enter__(self) -> Self:
        self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._status.stop()

    def say(self, text: str) -> None:
        self._console.print(Text(clean(text)))

    def show(self, text: str) -> None:
        self._status.update(Text(clean(text)))
