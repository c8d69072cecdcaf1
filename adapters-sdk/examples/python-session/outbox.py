"""What an adapter sends: frames in order, results gathered, nothing above the host's limits."""
import asyncio
import collections
import time

from outboard.adapter.v1 import session_pb2 as wire

# Calls that may be under way at once: the host gets as many credits.
CREDITS = 1_000
DEFAULTS = {"frame_bytes": 1_048_576, "batch_items": 4_096, "message_bytes": 4_096, "logs_per_second": 50}


class Outbox:
    """Frames that wait to be written. `credit_given` is told of credits when they leave."""

    def __init__(self, credit_given):
        self.frames, self.ended = collections.deque(), False
        self._credit_given, self._wake = credit_given, asyncio.Event()
        self._second, self._logged, self._dropped = 0, 0, 0
        self.keep_to(wire.Limits())

    def keep_to(self, limits):
        """The host's limits; 0 means the default."""
        self._limits = {name: getattr(limits, name) or default for name, default in DEFAULTS.items()}

    def send(self, frame):
        """Nothing follows a close."""
        if not self.ended:
            self.frames.append(frame)
            self.ended = frame.HasField("close")
            self._wake.set()

    def log(self, handler, level, message):
        """A line for the host's log; what is too much is left out, and counted in the next line."""
        if (now := int(time.monotonic())) != self._second:
            self._second, self._logged = now, 0
        if self._logged >= self._limits["logs_per_second"] or len(self.frames) > CREDITS:
            self._dropped += 1
            return
        self._logged += 1
        text = message.encode()[: self._limits["message_bytes"]].decode(errors="ignore")
        level = wire.Log.Level.Value(f"LEVEL_{level.upper()}")
        self.send(wire.AdapterFrame(log=wire.Log(handler=handler, level=level, message=text, dropped=self._dropped)))
        self._dropped = 0

    async def written(self):
        """The bytes of each frame. Results that are ready together leave together, and give their credits back."""
        while True:
            while not self.frames:
                self._wake.clear()
                await self._wake.wait()
            frame = self.frames.popleft()
            if frame.HasField("results"):
                self._gather(frame)
            yield frame.SerializeToString()
            if frame.HasField("close"):
                return

    def _gather(self, frame):
        results, size = frame.results.results, frame.ByteSize()
        while self.frames and self.frames[0].HasField("results") and len(results) < self._limits["batch_items"]:
            size += self.frames[0].ByteSize()
            if size > self._limits["frame_bytes"]:
                break
            results.MergeFrom(self.frames.popleft().results.results)
        frame.results.credits = len(results)
        self._credit_given(len(results))
