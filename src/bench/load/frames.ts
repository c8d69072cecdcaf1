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
/** The windows and the frame size before anything is agreed on. */
export const standardWindow = 65_535
export const standardFrameSize = 16_384

export const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1')

/** The first nine bytes of a frame. */
export function frameHead(type: number, flags: number, stream: number, length: number): Buffer {
  const head = Buffer.allocUnsafe(headBytes)
  head.writeUIntBE(length, 0, 3)
  head[3] = type
  head[4] = flags
  head.writeUInt32BE(stream, 5)
  return head
}

export function windowUpdate(stream: number, increment: number): Buffer {
  const frame = Buffer.allocUnsafe(headBytes + 4)
  frameHead(FrameType.windowUpdate, 0, stream, 4).copy(frame)
  frame.writeUInt32BE(increment, headBytes)
  return frame
}

export function settingsFrame(settings: readonly (readonly [id: number, value: number])[]): Buffer {
  const body = Buffer.allocUnsafe(settings.length * 6)
  for (const [i, [id, value]] of settings.entries()) {
    body.writeUInt16BE(id, i * 6)
    body.writeUInt32BE(value, i * 6 + 2)
  }
  return Buffer.concat([frameHead(FrameType.settings, 0, 0, body.length), body])
}

/** The settings of a frame's body. */
export function* settingsOf(body: Buffer): Generator<readonly [id: number, value: number]> {
  for (let at = 0; at + 6 <= body.length; at += 6) yield [body.readUInt16BE(at), body.readUInt32BE(at + 2)]
}

/** The body of a DATA or HEADERS frame without padding and priority. */
export function bareBody(type: number, flags: number, body: Buffer): Buffer {
  const padding = (flags & Flag.padded) === 0 ? 0 : (body[0] ?? 0)
  let start = (flags & Flag.padded) === 0 ? 0 : 1
  if (type === FrameType.headers && (flags & Flag.priority) !== 0) start += 5
  return body.subarray(start, Math.max(start, body.length - padding))
}
