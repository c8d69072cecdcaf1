"""The adapter's side of the session protocol `outboard.adapter.v1`: docs/session-protocol.md, in Python."""
import asyncio
import json
import time

from google.protobuf.message import DecodeError
from outboard.adapter.v1 import session_pb2 as wire

from adapter import Failed, Host, Refused
from outbox import CREDITS, Outbox
from templates import descriptor_set, template_name, verb_of

VERSION = 1
HANDSHAKE_S, PING_AFTER_S, SILENCE_S = 5, 15, 45
# What we are ready to receive: the defaults of the protocol.
FRAME_BYTES, BATCH_ITEMS, INSTANCES_PER_CALL = 1_048_576, 4_096, 1_024
BYTES_IN_FLIGHT, HANDLERS, SETTINGS_BYTES = 16_777_216, 1_024, 262_144


class ProtocolError(Exception):
    """The host has broken the protocol; the session ends with this code."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


class Opened:
    """A handler in one generation, and its calls under way."""

    def __init__(self, adapter, handler):
        self.adapter, self.handler, self.tasks = adapter, handler, set()


class Session:
    """One stream. What comes in goes through `take`; what goes out waits in `outbox`. All of it is in one thread."""

    def __init__(self, adapters):
        self.adapters = adapters
        self.modules = list(dict.fromkeys(module for adapter in adapters for module in adapter.templates))
        self.outbox = Outbox(self.credit_given)
        self.host, self.features = None, []
        self.handlers = {}  # by (number, generation)
        self.calls = {}  # tasks by the id of the call
        self.last_id, self.credit, self.bytes = 0, CREDITS, 0
        self.host_drains = False
        self.born = self.heard = time.monotonic()

    def credit_given(self, credits):
        self.credit += credits

    def send(self, **kind):
        self.outbox.send(wire.AdapterFrame(**kind))

    def drain(self, reason):
        """Asks the host to make no new calls here. What comes all the same is answered."""
        if self.host is None:
            self.close("DRAINED", reason)
        self.send(drain=wire.Drain(reason=reason))

    def close(self, code, message):
        """The last frame. Whatever is under way gets no result."""
        self.outbox.send(wire.AdapterFrame(close=wire.Close(code=code, message=message)))
        for task in list(self.calls.values()):
            task.cancel()

    def invalidate(self, handler, keys):
        if "invalidate" in self.features:
            self.send(invalidate=wire.Invalidate(handler=handler, keys=keys))

    def log(self, handler, level, message):
        if "log" in self.features:
            self.outbox.log(handler, level, message)

    async def read(self, stream):
        """Takes frames until the stream ends. What breaks the protocol ends this session, and nothing else."""
        try:
            async for data in stream:
                self.heard = time.monotonic()
                if len(data) > FRAME_BYTES:
                    raise ProtocolError("PROTOCOL_FRAME_TOO_LARGE", f"{len(data)} bytes")
                self.take(wire.HostFrame.FromString(data))
                if self.outbox.ended:
                    return
                while len(self.outbox.frames) > 2 * CREDITS:  # a host that does not read is not read
                    await asyncio.sleep(0.01)
            self.close("OK", "the host has gone")
        except ProtocolError as error:
            self.close(error.code, str(error))
        except DecodeError as error:
            self.close("PROTOCOL_MALFORMED", str(error))
        except Exception as error:
            self.close("SHUTDOWN", f"the adapter failed: {error}")

    def take(self, frame):
        kind = frame.WhichOneof("kind")
        if kind == "close":
            self.close("OK", "the host has closed")
        elif (kind == "hello") != (self.host is None):
            raise ProtocolError("PROTOCOL_UNEXPECTED_FRAME", f"{kind} came at the wrong time")
        elif kind == "hello":
            self.take_hello(frame.hello)
        elif kind == "configure":
            self.take_configure(frame.configure)
        elif kind == "remove":
            ref = (frame.remove.handler, frame.remove.generation)
            if ref in self.handlers:  # what is not there need not be removed
                asyncio.ensure_future(self.remove(ref, self.handlers.pop(ref)))
        elif kind == "calls":
            if len(frame.calls.calls) > BATCH_ITEMS:
                raise ProtocolError("PROTOCOL_BATCH_TOO_LARGE", f"{len(frame.calls.calls)} calls")
            for call in frame.calls.calls:
                self.take_call(call)
        elif kind == "cancel":
            for call_id in frame.cancel.ids:
                if call_id in self.calls:
                    self.calls[call_id].cancel()
        elif kind == "ping":
            self.send(pong=frame.ping)
        elif kind == "drain":
            self.host_drains = True
            self.close_when_drained()
        # pong is a sign of life, which was noted; what is unknown is skipped

    def take_hello(self, hello):
        if not hello.version_min <= VERSION <= hello.version_max:
            raise ProtocolError("PROTOCOL_VERSION", f"this adapter speaks version {VERSION}")
        self.host, self.features = hello, list(hello.features)
        self.outbox.keep_to(hello.limits)
        ours = wire.AdapterHello(protocol=VERSION, name="python-session", version="1.0.0", credits=CREDITS)
        ours.features.extend(["invalidate", "log"])
        for number, module in enumerate(self.modules, 1):
            ours.templates.add(number=number, name=template_name(module), descriptor_set=descriptor_set(module))
        for adapter in self.adapters:
            ours.adapters.add(
                name=adapter.name,
                version=adapter.version,
                description=adapter.description,
                templates=[self.modules.index(module) + 1 for module in adapter.templates],
                settings_schema=json.dumps(adapter.settings_schema),
            )
        self.send(hello=ours)

    def take_configure(self, asked):
        if asked.handler == 0 or any(n == asked.handler and g >= asked.generation for n, g in self.handlers):
            raise ProtocolError("PROTOCOL_HANDLER_NUMBER", f"handler {asked.handler} generation {asked.generation}")
        if len(asked.settings.encode()) > SETTINGS_BYTES:
            raise ProtocolError("PROTOCOL_LIMIT", "settings are too large")
        ref = {"handler": asked.handler, "generation": asked.generation}
        try:
            if len(self.handlers) >= HANDLERS:
                raise Refused([("", f"more than {HANDLERS} handlers")], retryable=True)
            named = [a for a in self.adapters if asked.adapter in (a.name, "")]
            if len(named) != 1:
                raise Refused([("", f'no adapter "{asked.adapter}"')])
            instances = [(i.name, i.template) for i in asked.instances]
            handler = named[0].open(json.loads(asked.settings or "{}"), Host(self, asked.handler, instances))
        except Refused as refused:
            problems = [wire.Refused.Problem(path=path, message=message) for path, message in refused.problems]
            self.send(refused=wire.Refused(**ref, problems=problems, retryable=refused.retryable))
        except Exception as error:  # an adapter's fault is not the session's
            self.send(refused=wire.Refused(**ref, problems=[wire.Refused.Problem(message=str(error))], retryable=True))
        else:
            self.handlers[asked.handler, asked.generation] = Opened(named[0], handler)
            self.send(ready=wire.HandlerRef(**ref))

    async def remove(self, ref, opened):
        while opened.tasks:
            await asyncio.wait(opened.tasks)
        self.send(removed=wire.HandlerRef(handler=ref[0], generation=ref[1]))

    def take_call(self, call):
        if call.id <= self.last_id:
            raise ProtocolError("PROTOCOL_DUPLICATE_CALL", f"call {call.id} came after call {self.last_id}")
        if self.credit == 0:
            raise ProtocolError("PROTOCOL_NO_CREDIT", f"call {call.id} came without credit")
        if len(call.instances) > INSTANCES_PER_CALL:
            raise ProtocolError("PROTOCOL_LIMIT", f"{len(call.instances)} instances in call {call.id}")
        self.last_id, self.credit = call.id, self.credit - 1
        size = sum(map(len, call.instances))
        self.bytes += size
        opened = self.handlers.get((call.handler, call.generation))
        task = asyncio.ensure_future(self.answer(call, opened))
        self.calls[call.id] = task
        if opened:
            opened.tasks.add(task)
        task.add_done_callback(lambda done: self.settle(call, opened, done, size))

    async def answer(self, call, opened):
        """The answer as a pair: which field of a Result, and what goes into it."""
        if opened is None:
            raise Failed(wire.FAILURE_UNCONFIGURED, "the handler is not open here")
        if self.bytes > BYTES_IN_FLIGHT:
            raise Failed(wire.FAILURE_OVERLOADED, "too many bytes are in flight")
        module = self.modules[call.template - 1] if 0 < call.template <= len(self.modules) else None
        if module not in opened.adapter.templates or verb_of(module) != call.verb or not call.instances:
            raise Failed(wire.FAILURE_PROTOCOL, f"template {call.template} does not take verb {call.verb}")
        try:
            instances = [module.InstanceMsg.FromString(data) for data in call.instances]
        except DecodeError as error:
            raise Failed(wire.FAILURE_PROTOCOL, f"the instance cannot be decoded: {error}")
        handler, first = opened.handler, instances[0]
        if call.verb == wire.VERB_CHECK:
            field, answering = "verdict", handler.check(first, call)
        elif call.verb == wire.VERB_QUOTA:
            field, answering = "grant", handler.quota(first, call)
        elif call.verb == wire.VERB_REPORT:
            field, answering = "reported", handler.report(instances, call)
        else:
            field, answering = "produced", handler.produce(first, call)
        answer = await asyncio.wait_for(answering, call.deadline_ms / 1000 if call.deadline_ms else None)
        return field, wire.Reported() if answer is None else answer

    def settle(self, call, opened, task, size):
        """Exactly one result for each call, whatever happened."""
        del self.calls[call.id]
        if opened:
            opened.tasks.discard(task)
        self.bytes -= size
        error = asyncio.CancelledError() if task.cancelled() else task.exception()
        if error is None:
            field, answer = task.result()
        else:
            code = wire.FAILURE_CRASHED
            if isinstance(error, Failed):
                code = error.code
            elif isinstance(error, asyncio.CancelledError):
                code = wire.FAILURE_CANCELLED
            elif isinstance(error, asyncio.TimeoutError):
                code = wire.FAILURE_TIMEOUT
            field, answer = "failed", wire.Failed(code=code, message=str(error))
        self.send(results=wire.Results(results=[wire.Result(id=call.id, **{field: answer})]))
        self.close_when_drained()

    def close_when_drained(self):
        if self.host_drains and not self.calls and not self.outbox.ended:
            self.close("DRAINED", "everything under way was answered")

    async def watch(self):
        """Asks for signs of life, and gives up without any."""
        pinged = 0
        while not self.outbox.ended:
            await asyncio.sleep(0.5)
            now = time.monotonic()
            if self.host is None and now - self.born > HANDSHAKE_S:
                self.close("PROTOCOL_HANDSHAKE_TIMEOUT", f"no hello within {HANDSHAKE_S} s")
            elif now - self.heard > SILENCE_S:
                self.close("PROTOCOL_PING_TIMEOUT", f"nothing was heard for {SILENCE_S} s")
            elif now - self.heard > PING_AFTER_S and pinged < self.heard:
                pinged = now
                self.send(ping=wire.Ping(nonce=int(now)))
