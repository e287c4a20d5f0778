"""Running the pipeline in a test: what would go to the broker waits in a list until the test runs it."""

import shutil
from collections import deque
from pathlib import Path

from media_pipeline import tasks, transcode_tasks
from media_pipeline.models import Asset
from media_pipeline.uploading import uploads
from tests.makers import make_asset


class Queue:
    """Tasks that were sent and not run yet."""

    def __init__(self, monkeypatch):
        self.waiting = deque()
        for task in (
            tasks.apply_waiting_events,
            transcode_tasks.check_asset,
            transcode_tasks.submit_attempt,
            transcode_tasks.run_local_transcode,
        ):
            monkeypatch.setattr(task, "delay", self.sender(task))

    def sender(self, task):
        return lambda *args: self.waiting.append((task, args))

    @property
    def names(self):
        return [task.name.removeprefix("media_pipeline.") for task, _ in self.waiting]

    def run(self, *, until=""):
        """Run what waits, and what that sends, until nothing waits or a task of this name would be next."""
        while self.waiting and self.names[0] != until:
            task, args = self.waiting.popleft()
            task(*args)


def received(owner, film, *, purpose="video", **fields) -> Asset:
    """Return an asset whose upload of this file is complete."""
    asset = make_asset(owner, purpose=purpose, status="checking", **fields)
    target = Path(uploads().source_address(asset.source_key))
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(film, target)
    return asset
