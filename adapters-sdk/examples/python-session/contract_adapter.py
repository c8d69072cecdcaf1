"""Does what it is told, so that the contract suite can compare it with adapters in other languages."""
import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "gen"))

import checkproducer_pb2
import sampleapa_pb2
from istio.mixer.template import listentry_pb2, metric_pb2, quota_pb2
from outboard.adapter.v1 import session_pb2 as wire

from adapter import Failed, Refused
from serve import serve

V = wire.Verdict
LARGE = 9_007_199_254_740_993


class Contract:
    name, version, description = "contract", "1.2.3", "Does what it is told"
    templates = [listentry_pb2, checkproducer_pb2, quota_pb2, metric_pb2, sampleapa_pb2]
    settings_schema = {
        "type": "object",
        "properties": {
            "greeting": {"type": "string", "default": "hello"},
            "limit": {"type": "integer", "default": 10, "minimum": 0, "maximum": 1000},
        },
    }

    def open(self, settings, host):
        limit = settings.get("limit", 10)
        if not 0 <= limit <= 1000:
            raise Refused([("limit", f"must be from 0 to 1000, not {limit}")])
        return ContractHandler(settings.get("greeting", "hello"), limit, host)


class ContractHandler:
    def __init__(self, greeting, limit, host):
        self.greeting, self.limit, self.host = greeting, limit, host
        self.reported, self.aborted, self.held = [], 0, None

    async def check(self, instance, call):
        if isinstance(instance, checkproducer_pb2.InstanceMsg):
            return produced(instance.stringPrimitive)
        text = text_of(instance.value)
        word, *rest = text.split(" ")
        command = getattr(self, "do_" + word.replace("-", "_"), None)
        return await command(rest, call) if command else not_found("echo:" + text)

    async def do_allow(self, rest, call):
        if not rest:
            return V()
        uses = int(rest[1]) if len(rest) > 1 else -1
        return V(caching=V.CACHING_VALID, valid_for_ms=int(rest[0]), valid_uses=uses)

    async def do_allow_do_not_cache(self, rest, call):
        return V(caching=V.CACHING_DO_NOT_CACHE)

    async def do_deny(self, rest, call):
        return V(code=7, message="closed for the night", caching=V.CACHING_DO_NOT_CACHE)

    async def do_deny_valid(self, rest, call):
        return V(code=16, message="who are you", caching=V.CACHING_VALID, valid_for_ms=2000, valid_uses=3)

    async def do_direct(self, rest, call):
        headers = [V.Header(name="x-reason", value="quota")]
        direct = V.DirectResponse(http_status=429, body="slow down ünïcode", headers=headers)
        return V(code=8, message="too much", caching=V.CACHING_DO_NOT_CACHE, direct=direct)

    async def do_headers(self, rest, call):
        operation = V.HeaderOperation
        return V(
            headers=[
                operation(on=operation.ON_REQUEST, operation=operation.OPERATION_REPLACE, name="x-user", value="anna"),
                operation(on=operation.ON_REQUEST, operation=operation.OPERATION_APPEND, name="x-group", value="a, b"),
                operation(on=operation.ON_RESPONSE, operation=operation.OPERATION_REMOVE, name="server"),
                operation(
                    on=operation.ON_RESPONSE, operation=operation.OPERATION_APPEND, name="set-cookie", value="a=1; Path=/"
                ),
            ]
        )

    async def do_metadata(self, rest, call):
        return V(
            metadata=[
                V.Metadata(name="text", text="tëxt"),
                V.Metadata(name="number", number=1.5),
                V.Metadata(name="flag", flag=True),
            ]
        )

    async def do_keys(self, rest, call):
        return V(caching=V.CACHING_VALID, valid_for_ms=60_000, valid_uses=-1, cache_keys=["user:1", "group:2"])

    async def do_settings(self, rest, call):
        return not_found(f"{self.greeting} {self.limit}")

    async def do_call(self, rest, call):
        return not_found(f"{call.dedup_id}|{call.traceparent}|{call.deadline_ms}")

    async def do_instances(self, rest, call):
        return not_found(",".join(f"{name}:{template}" for name, template in self.host.instances))

    async def do_reported(self, rest, call):
        return not_found(",".join(self.reported))

    async def do_aborted(self, rest, call):
        return not_found(str(self.aborted))

    async def do_invalidate(self, rest, call):
        self.host.invalidate(*rest)
        return V()

    async def do_log(self, rest, call):
        self.host.log("warn", " ".join(rest))
        return V()

    async def do_throw(self, rest, call):
        raise RuntimeError("thrown on purpose")

    async def do_reject(self, rest, call):
        await asyncio.sleep(0)
        raise RuntimeError("rejected on purpose")

    async def do_fail(self, rest, call):
        raise Failed(wire.FAILURE_UNAVAILABLE, "my backend is away")

    async def do_wait(self, rest, call):
        self.held = asyncio.get_running_loop().create_future()
        try:
            return await self.held
        except asyncio.CancelledError:
            self.aborted += 1
            raise

    async def do_release(self, rest, call):
        if self.held and not self.held.done():
            self.held.set_result(V(caching=V.CACHING_VALID, valid_for_ms=1, valid_uses=1))
        return V()

    async def do_later(self, rest, call):
        await asyncio.sleep(int(rest[0]) / 1000)
        return V()

    async def quota(self, instance, call):
        amount = call.quota_amount
        if amount == 13:
            return wire.Grant(code=8, message="not thirteen", valid_for_ms=500)
        if amount <= self.limit or amount == LARGE:
            return wire.Grant(amount=amount, valid_for_ms=2500)
        return wire.Grant(amount=self.limit if call.quota_best_effort else 0)

    async def report(self, instances, call):
        for instance in instances:
            self.reported.append(f"{instance.name.split('.')[0]}={instance.value.int64_value}")

    async def produce(self, instance, call):
        if instance.stringPrimitive == "nothing":
            return wire.Produced()
        out = sampleapa_pb2.OutputMsg(
            int64Primitive=instance.int64Primitive,
            boolPrimitive=True,
            doublePrimitive=0.5,
            stringPrimitive=f"{self.greeting}, ünïcode",
            stringMap={"a": "1", "b": "2"},
        )
        out.ip.value = bytes([10, 0, 0, 1])
        out.duration.value.FromMilliseconds(1500)
        out.timestamp.value.seconds, out.timestamp.value.nanos = 1_500_000_000, 5
        out.dns.value = "example.com"
        return wire.Produced(output=out.SerializeToString(), valid_for_ms=7000)


def not_found(message):
    return V(code=5, message=message)


def produced(text):
    if text == "deny":
        return not_found("nothing under this key")
    output = checkproducer_pb2.OutputMsg(stringPrimitive=f"found {text}", int64Primitive=LARGE)
    return V(
        caching=V.CACHING_VALID, valid_for_ms=5000, valid_uses=100, output=output.SerializeToString()
    )


def text_of(value):
    kind = value.WhichOneof("value")
    if kind == "ip_address_value":
        return f"bytes:{value.ip_address_value.value.hex()}"
    return str(getattr(value, kind)) if kind else ""


if __name__ == "__main__":
    asyncio.run(serve([Contract()], sys.argv[1]))
