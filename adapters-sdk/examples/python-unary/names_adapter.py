"""An adapter that lets known names pass: python names_adapter.py 127.0.0.1:9202"""
import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "gen"))

import names_pb2
from google.rpc.status_pb2 import Status
from istio.mixer.adapter.model.v1beta1.check_pb2 import CheckResult
from istio.mixer.template import listentry_pb2_grpc

from serve import Handlers, serve

PERMISSION_DENIED = 7


class ListEntry(listentry_pb2_grpc.HandleListEntryServiceServicer):
    """Istio's template listentry: is this on the list?"""

    def __init__(self):
        self.handlers = Handlers(names_pb2.Params.FromString)

    async def HandleListEntry(self, request, context):
        params = self.handlers.find(request.adapter_config)
        name = request.instance.value.string_value
        result = CheckResult(valid_use_count=-1 if params.keep_seconds else 1)
        result.valid_duration.seconds = params.keep_seconds
        if name not in params.names:
            result.status.CopyFrom(Status(code=PERMISSION_DENIED, message=f"{name} is not known here"))
        return result


if __name__ == "__main__":
    asyncio.run(
        serve(
            lambda server: listentry_pb2_grpc.add_HandleListEntryServiceServicer_to_server(ListEntry(), server),
            "names 1.0.0",
            sys.argv[1],
        )
    )
