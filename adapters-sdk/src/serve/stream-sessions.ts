import type { Server, ServerDuplexStream } from '@grpc/grpc-js'
import { sessionMethodPath } from '../protocol/frames.js'
import type { FramePipe } from '../session/outbox.js'
import type { NoSession, SessionService } from './session-service.js'

type Stream = ServerDuplexStream<Buffer, Buffer>

/** How long a host may take to read the last frame before its stream is cut, milliseconds. */
const lingerMs = 5_000

/** The gRPC codes RESOURCE_EXHAUSTED and UNAVAILABLE. */
const codes: Readonly<Record<NoSession['kind'], number>> = { full: 8, draining: 14 }

/** Sessions as gRPC's streams carry them: the method that every host knows. */
export function serveStreams(server: Server, sessions: SessionService): void {
  const asIs = (bytes: Buffer) => bytes
  server.register(sessionMethodPath, (stream: Stream) => open(stream, sessions), asIs, asIs, 'bidi')
}

function open(stream: Stream, sessions: SessionService): void {
  const session = sessions.open(pipeOf(stream), stream.getPeer())
  if ('kind' in session) {
    stream.emit('error', { code: codes[session.kind], details: session.message })
    return
  }
  stream.on('data', (frame: Buffer) => session.receive(frame))
  stream.on('drain', () => session.drained())
  stream.on('end', () => {
    session.lost('The host ended the stream')
    stream.end()
  })
  stream.on('cancelled', () => session.lost('The stream was cut'))
  stream.on('error', error => session.lost(error.message))
  void session.done.then(() => {
    const stop = sessions.options.clock.after(lingerMs, () => stream.destroy())
    stream.once('close', stop)
  })
}

function pipeOf(stream: Stream): FramePipe {
  return {
    write: frame => stream.write(frame),
    pause: () => void stream.pause(),
    resume: () => void stream.resume(),
    end: () => stream.end(),
  }
}
