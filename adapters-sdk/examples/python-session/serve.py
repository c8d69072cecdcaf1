"""Serves adapters over the session protocol until SIGTERM or SIGINT, then drains."""
import asyncio
import signal

import grpc

from session import FRAME_BYTES, Session

DRAIN_S = 10


async def serve(adapters, address):
    sessions = set()

    async def open_session(stream, _context):
        session = Session(adapters)
        sessions.add(session)
        tasks = [asyncio.ensure_future(session.read(stream)), asyncio.ensure_future(session.watch())]
        try:
            async for frame in session.outbox.written():
                yield frame
        finally:
            sessions.discard(session)
            session.close("OK", "the stream has ended")
            for task in tasks:
                task.cancel()

    # Frames are bytes here, so that the session sees their size, and what is no frame.
    methods = {"Open": grpc.stream_stream_rpc_method_handler(open_session)}
    server = grpc.aio.server(options=[("grpc.max_receive_message_length", 2 * FRAME_BYTES)])
    server.add_generic_rpc_handlers(
        [grpc.method_handlers_generic_handler("outboard.adapter.v1.AdapterSession", methods)]
    )
    port = server.add_insecure_port(address)
    await server.start()
    where = address if address.startswith("unix:") else f"{address.rpartition(':')[0]}:{port}"
    print(", ".join(f"{adapter.name} {adapter.version}" for adapter in adapters), "at", where, flush=True)

    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    await ended.wait()
    for session in list(sessions):
        session.drain("the adapter is asked to end")
    await server.stop(DRAIN_S)
