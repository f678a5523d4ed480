"""Programs that judge for custom workflows, inside of the tests."""

import asyncio
import threading

from accessplane_client import AsyncPlane, PlaneError


class Program:
    """`AsyncPlane.run` on an event loop of its own."""

    def __init__(self, url, handlers, kept, concurrency):
        self.kept = kept
        self.error = None
        self._loop = asyncio.new_event_loop()
        self._plane = AsyncPlane(url, "ap_bot")
        for name, handler in handlers.items():
            self._plane.workflow(name.replace("_", "-"))(handler)
        self._thread = threading.Thread(target=self._run, args=[concurrency])
        self._thread.start()

    def _run(self, concurrency):
        running = self._plane.run(state=self.kept, concurrency=concurrency, until_signal=False)
        self._task = self._loop.create_task(running)
        try:
            self._loop.run_until_complete(self._task)
        except PlaneError as error:
            self.error = error
        except asyncio.CancelledError:
            pass
        finally:
            self._loop.run_until_complete(self._plane.close())
            self._loop.close()

    def end(self):
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join(timeout=20)
        assert not self._thread.is_alive()

    def ended_by_itself(self):
        self._thread.join(timeout=20)
        return self.error


def let_in(_req):
    return None
