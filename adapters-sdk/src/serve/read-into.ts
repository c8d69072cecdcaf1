import { type OnReadOpts, Socket, type SocketConstructorOpts } from 'node:net'
import type { Duplex } from 'node:stream'
import type { SocketReads } from '../protocol/socket-reads.js'

/** Where Node keeps what the system gave it for a socket. */
const handleKey = '_handle'

/**
 * Has an accepted socket read as a connected one can: into a buffer that is there already (`SocketReads`). Node has no option
 * for it, so that the connection is given to a socket made with one, which stands for it from now on; when either of
 * them ends, so does the other. The handle is private to Node: where it is not as it was when this was written, or something
 * has been read already, nothing is touched. What it gains: docs/decisions/session-socket.md.
 *
 * @returns the socket to use; undefined: the one that there is, as it is.
 */
export function readInto(socket: Duplex, reads: SocketReads): Socket | undefined {
  // Of TLS the handle is half of the story.
  if (Object.getPrototypeOf(socket) !== Socket.prototype || socket.readableLength > 0) return undefined
  const handle: unknown = Reflect.get(socket, handleKey)
  if (!takesBuffers(handle) || !Reflect.set(socket, handleKey, null)) return undefined
  const options: SocketConstructorOpts & { readonly handle: object; readonly onread: OnReadOpts } = {
    handle,
    allowHalfOpen: true,
    onread: reads.onread,
  }
  const reading = new Socket(options)
  if (Reflect.get(reading, handleKey) !== handle) {
    Reflect.set(socket, handleKey, handle)
    return undefined
  }
  reading.once('close', () => socket.destroy())
  socket.once('close', () => reading.destroy())
  return reading
}

function takesBuffers(handle: unknown): handle is object {
  return (
    typeof handle === 'object' &&
    handle !== null &&
    ['readStart', 'readStop', 'useUserBuffer'].every(
      method => typeof Reflect.get(handle, method) === 'function',
    )
  )
}
