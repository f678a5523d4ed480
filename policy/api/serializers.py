"""What goes out about workflows."""

from typing import Any

from identity.representations import Described


class WorkflowDocument(Described):
    """A workflow; `spec` is its document, with no secret in it."""

    def spec_of(self, instance: Any) -> dict[str, Any]:
        """The document; of a secret only where it comes from."""
        shown: dict[str, Any] = instance.shown_spec()
        return shown
