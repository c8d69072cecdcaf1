"""Does what it is told, so that the contract suite can compare it with adapters in other languages."""
import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "gen"))

import checkproducer_pb2
import checkproducer_pb2_grpc
import contract_pb2
import grpc
import sampleapa_pb2
import sampleapa_pb2_grpc
from google.rpc.status_pb2 import Status
from istio.mixer.adapter.model.v1beta1.check_pb2 import CheckResult
from istio.mixer.adapter.model.v1beta1.quota_pb2 import QuotaResult
from istio.mixer.adapter.model.v1beta1.report_pb2 import ReportResult
from istio.mixer.template import listentry_pb2_grpc, metric_pb2_grpc, quota_pb2_grpc
from istio.policy.v1beta1.http_response_pb2 import DirectHttpResponse

from serve import Handlers, serve

LARGE = 9_007_199_254_740_993
NO_TIME = {"valid_use_count": 1}  # a use within no time at all: not to be kept


class Handler:
    def __init__(self, config):
        params = contract_pb2.Params.FromString(config)
        self.greeting = params.greeting if params.HasField("greeting") else "hello"
        self.limit = params.limit if params.HasField("limit") else 10
        self.reported, self.aborted, self.held = [], 0, None

    async def check(self, text, request, context):
        word, *rest = text.split(" ")
        command = getattr(self, "do_" + word.replace("-", "_"), None)
        return await command(rest, request, context) if command else denied(5, "echo:" + text)

    async def do_allow(self, rest, request, context):
        return valid(int(rest[0]), int(rest[1]) if len(rest) > 1 else -1) if rest else CheckResult()

    async def do_allow_do_not_cache(self, rest, request, context):
        return CheckResult(**NO_TIME)

    async def do_deny(self, rest, request, context):
        return denied(7, "closed for the night", **NO_TIME)

    async def do_deny_valid(self, rest, request, context):
        result = valid(2000, 3)
        result.status.CopyFrom(Status(code=16, message="who are you"))
        return result

    async def do_direct(self, rest, request, context):
        result = denied(8, "too much", **NO_TIME)
        result.status.details.add().Pack(
            DirectHttpResponse(code=429, body="slow down ünïcode", headers={"x-reason": "quota"})
        )
        return result

    async def do_settings(self, rest, request, context):
        return denied(5, f"{self.greeting} {self.limit}")

    async def do_call(self, rest, request, context):
        trace = dict(context.invocation_metadata()).get("traceparent", "")
        return denied(5, f"{request.dedup_id}|{trace}|{round(context.time_remaining() * 1000)}")

    async def do_reported(self, rest, request, context):
        return denied(5, ",".join(self.reported))

    async def do_aborted(self, rest, request, context):
        return denied(5, str(self.aborted))

    async def do_throw(self, rest, request, context):
        raise RuntimeError("thrown on purpose")

    async def do_reject(self, rest, request, context):
        await asyncio.sleep(0)
        raise RuntimeError("rejected on purpose")

    async def do_fail(self, rest, request, context):
        await context.abort(grpc.StatusCode.UNAVAILABLE, "my backend is away")

    async def do_wait(self, rest, request, context):
        self.held = asyncio.get_running_loop().create_future()
        try:
            return await self.held
        except asyncio.CancelledError:
            self.aborted += 1
            raise

    async def do_release(self, rest, request, context):
        if self.held and not self.held.done():
            self.held.set_result(valid(1, 1))
        return CheckResult()

    async def do_later(self, rest, request, context):
        await asyncio.sleep(int(rest[0]) / 1000)
        return CheckResult()

    def quota(self, amount, best_effort):
        if amount == 13:
            result = QuotaResult.Result(status=Status(code=8, message="not thirteen"))
            result.valid_duration.FromMilliseconds(500)
        elif amount <= self.limit or amount == LARGE:
            result = QuotaResult.Result(granted_amount=amount)
            result.valid_duration.FromMilliseconds(2500)
        else:
            result = QuotaResult.Result(granted_amount=self.limit if best_effort else 0)
        return result

    def produce(self, instance):
        out = sampleapa_pb2.OutputMsg()
        if instance.stringPrimitive == "nothing":
            return out
        out.int64Primitive, out.boolPrimitive, out.doublePrimitive = instance.int64Primitive, True, 0.5
        out.stringPrimitive = f"{self.greeting}, ünïcode"
        out.stringMap.update({"a": "1", "b": "2"})
        out.ip.value = bytes([10, 0, 0, 1])
        out.duration.value.FromMilliseconds(1500)
        out.timestamp.value.seconds, out.timestamp.value.nanos = 1_500_000_000, 5
        out.dns.value = "example.com"
        return out


class Services:
    """All services in one object; each finds its handler by the settings that came with the call."""

    def __init__(self):
        self.handlers = Handlers(Handler)

    async def HandleListEntry(self, request, context):
        handler = self.handlers.find(request.adapter_config)
        return await handler.check(text_of(request.instance.value), request, context)

    async def HandleCheckProducer(self, request, context):
        text = request.instance.stringPrimitive
        if text == "deny":
            return checkproducer_pb2.HandleCheckProducerResponse(result=denied(5, "nothing under this key"))
        output = checkproducer_pb2.OutputMsg(stringPrimitive=f"found {text}", int64Primitive=LARGE)
        return checkproducer_pb2.HandleCheckProducerResponse(result=valid(5000, 100), output=output)

    async def HandleQuota(self, request, context):
        handler = self.handlers.find(request.adapter_config)
        asked = request.quota_request.quotas
        return QuotaResult(quotas={name: handler.quota(q.amount, q.best_effort) for name, q in asked.items()})

    async def HandleMetric(self, request, context):
        handler = self.handlers.find(request.adapter_config)
        for instance in request.instances:
            handler.reported.append(f"{instance.name.split('.')[0]}={instance.value.int64_value}")
        return ReportResult()

    async def HandleSampleApa(self, request, context):
        return self.handlers.find(request.adapter_config).produce(request.instance)


def denied(code, message, **more):
    return CheckResult(status=Status(code=code, message=message), **more)


def valid(ms, uses):
    result = CheckResult(valid_use_count=uses)
    result.valid_duration.FromMilliseconds(ms)
    return result


def text_of(value):
    kind = value.WhichOneof("value")
    if kind == "ip_address_value":
        return f"bytes:{value.ip_address_value.value.hex()}"
    return str(getattr(value, kind)) if kind else ""


def register(server):
    services = Services()
    listentry_pb2_grpc.add_HandleListEntryServiceServicer_to_server(services, server)
    checkproducer_pb2_grpc.add_HandleCheckProducerServiceServicer_to_server(services, server)
    quota_pb2_grpc.add_HandleQuotaServiceServicer_to_server(services, server)
    metric_pb2_grpc.add_HandleMetricServiceServicer_to_server(services, server)
    sampleapa_pb2_grpc.add_HandleSampleApaServiceServicer_to_server(services, server)


if __name__ == "__main__":
    asyncio.run(serve(register, "contract 1.2.3", sys.argv[1]))
