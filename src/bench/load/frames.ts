/** The kinds of HTTP/2 frame that a client meets. Source: RFC 9113, section 6. */
export const FrameType = {
  data: 0,
  headers: 1,
  resetStream: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const

export const Flag = { endStream: 1, ack: 1, endHeaders: 4, padded: 8, priority: 32 } as const

/** Settings that matter to a client. Source: RFC 9113, section 6.5.2. */
export const Setting = {
  headerTableSize: 1,
  enablePush: 2,
  maxConcurrentStreams: 3,
  initialWindowSize: 4,
  maxFrameSize: 5,
} as const

export const headBytes = 9
export const largestWindow = 0x7fffffff
/** The windows before anything is agreed on. */
export const standardWindow = 65_535
/** The frame that everyone takes. We neither send larger ones nor allow the server to. */
export const standardFrameSize = 16_384

export const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1')

/** A whole frame. */
export function frame(type: number, flags: number, stream: number, body: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(headBytes + body.length)
  bytes.writeUIntBE(body.length, 0, 3)
  bytes[3] = type
  bytes[4] = flags
  bytes.writeUInt32BE(stream, 5)
  bytes.set(body, headBytes)
  return bytes
}

export function windowUpdate(stream: number, increment: number): Buffer {
  const body = Buffer.allocUnsafe(4)
  body.writeUInt32BE(increment)
  return frame(FrameType.windowUpdate, 0, stream, body)
}

export function settingsFrame(settings: readonly (readonly [id: number, value: number])[]): Buffer {
  const body = Buffer.allocUnsafe(settings.length * 6)
  for (const [i, [id, value]] of settings.entries()) {
    body.writeUInt16BE(id, i * 6)
    body.writeUInt32BE(value, i * 6 + 2)
  }
  return frame(FrameType.settings, 0, 0, body)
}

/** The settings of a frame's body. */
export function* settingsOf(body: Buffer): Generator<readonly [id: number, value: number]> {
  for (let at = 0; at + 6 <= body.length; at += 6) yield [body.readUInt16BE(at), body.readUInt32BE(at + 2)]
}

/** Where the body of a DATA or HEADERS frame begins that has padding or a priority before it. */
export function bareStart(type: number, flags: number, start: number): number {
  const padded = (flags & Flag.padded) === 0 ? start : start + 1
  return type === FrameType.headers && (flags & Flag.priority) !== 0 ? padded + 5 : padded
}

/** Where it ends, before its padding; never before `bareStart`. */
export function bareEnd(type: number, flags: number, bytes: Uint8Array, start: number, end: number): number {
  if ((flags & Flag.padded) === 0) return end
  return Math.max(bareStart(type, flags, start), end - (bytes[start] ?? 0))
}
