import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import type { Test } from 'tap'
import { FrameReader } from '../../src/bench/load/frame-reader.js'
import { frame, preface, settingsFrame } from '../../src/bench/load/frames.js'

/** One frame as a test sees it. */
export interface SeenFrame {
  readonly type: number
  readonly flags: number
  readonly stream: number
  readonly body: Buffer
}

/** A server that does nothing by itself but say its settings: a test hears each frame, and writes what it likes. */
export async function rawServer(
  t: Test,
  settings: Parameters<typeof settingsFrame>[0],
  heard: (seen: SeenFrame, socket: Socket) => void,
): Promise<string> {
  const server = createServer(socket => {
    const reader = new FrameReader((type, flags, stream, bytes, start, end) =>
      heard({ type, flags, stream, body: Buffer.from(bytes.subarray(start, end)) }, socket),
    )
    let isGreeted = false
    socket.on('error', () => {})
    socket.on('data', chunk => {
      const bytes = isGreeted ? chunk : chunk.subarray(preface.length)
      isGreeted = true
      bytes.copy(reader.input)
      reader.take(bytes.length)
    })
    socket.write(settingsFrame(settings))
    t.teardown(() => socket.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const address = server.address()
  return `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
}

/** A frame that a server may send. */
export function sent(
  type: number,
  flags: number,
  stream: number,
  body: readonly number[] | Uint8Array,
): Buffer {
  return frame(type, flags, stream, Uint8Array.from(body))
}
