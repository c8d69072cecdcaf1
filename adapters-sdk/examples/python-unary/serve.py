"""Serves Istio's adapter services until SIGTERM or SIGINT; what is under way finishes."""
import asyncio
import signal

import grpc

DRAIN_S = 10


async def serve(register, name, address):
    """`register` adds the services to the server."""
    server = grpc.aio.server()
    register(server)
    port = server.add_insecure_port(address)
    await server.start()
    where = address if address.startswith("unix:") else f"{address.rpartition(':')[0]}:{port}"
    print(name, "at", where, flush=True)
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    await ended.wait()
    await server.stop(DRAIN_S)


class Handlers:
    """One handler for each `adapter_config`: the host sends a handler's settings with every call, always the same bytes."""

    MOST = 1_000

    def __init__(self, open_handler):
        self._open, self._handlers = open_handler, {}

    def find(self, config):
        handler = self._handlers.get(config.value)
        if handler is None:
            while len(self._handlers) >= self.MOST:  # the oldest settings go
                del self._handlers[next(iter(self._handlers))]
            handler = self._handlers[config.value] = self._open(config.value)
        return handler
