"""An adapter that lets known names pass: python names_adapter.py 127.0.0.1:9201"""
import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "gen"))

from istio.mixer.template import listentry_pb2
from outboard.adapter.v1 import session_pb2 as wire

from adapter import Refused
from serve import serve

PERMISSION_DENIED = 7


class Names:
    name, version, description = "names", "1.0.0", "Lets known names pass."
    templates = [listentry_pb2]
    settings_schema = {
        "type": "object",
        "properties": {
            "names": {"type": "array", "items": {"type": "string"}, "description": "Who may pass"},
            "keepSeconds": {"type": "integer", "description": "For how long an answer may be kept", "default": 0},
        },
        "additionalProperties": False,
    }

    def open(self, settings, host):
        unknown = [(name, "there is no such setting") for name in settings if name not in self.settings_schema["properties"]]
        names = settings.get("names", [])
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            unknown.append(("names", "must be a list of texts"))
        if unknown:
            raise Refused(unknown)
        host.log("info", f"{len(names)} names are known")
        return NamesHandler(set(names), int(settings.get("keepSeconds", 0)))


class NamesHandler:
    def __init__(self, names, keep_seconds):
        self.names = names
        self.caching = (
            {"caching": wire.Verdict.CACHING_VALID, "valid_for_ms": keep_seconds * 1000, "valid_uses": -1}
            if keep_seconds
            else {"caching": wire.Verdict.CACHING_DO_NOT_CACHE}
        )

    async def check(self, instance, _call):
        name = instance.value.string_value
        if name in self.names:
            return wire.Verdict(**self.caching)
        return wire.Verdict(code=PERMISSION_DENIED, message=f"{name} is not known here", **self.caching)


if __name__ == "__main__":
    asyncio.run(serve([Names()], sys.argv[1]))
