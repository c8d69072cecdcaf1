import {
  ConnectionFault,
  defaultFrameSize,
  errorCode,
  largestFrameSize,
  largestWindow,
  setting,
} from './protocol.js'

/** The largest header list that clients should send, bytes. More is refused call by call. */
const headerListBytes = 65_536

/** The payload of our own SETTINGS; what it does not name keeps its default. */
export function ownSettings(maxConcurrentStreams: number): Buffer {
  const pairs = [
    [setting.maxConcurrentStreams, maxConcurrentStreams],
    [setting.maxHeaderListSize, headerListBytes],
  ] as const
  const payload = Buffer.alloc(6 * pairs.length)
  for (const [index, [id, value]] of pairs.entries()) {
    payload.writeUInt16BE(id, 6 * index)
    payload.writeUInt32BE(value, 6 * index + 2)
  }
  return payload
}

/** What we use of the peer's SETTINGS. Its frame size is never below the one that we send; its tables we do not use. */
export interface PeerSettings {
  readonly initialWindow: number | undefined
}

/** Reads the payload of SETTINGS. Unknown ones are ignored. Source: RFC 9113, section 6.5. */
export function readPeerSettings(payload: Buffer): PeerSettings | ConnectionFault {
  if (payload.length % 6 !== 0)
    return new ConnectionFault(errorCode.frameSizeError, 'SETTINGS of an odd length')
  let initialWindow: number | undefined
  for (let at = 0; at < payload.length; at += 6) {
    const id = payload.readUInt16BE(at)
    const value = payload.readUInt32BE(at + 2)
    if (id === setting.initialWindowSize) {
      if (value > largestWindow)
        return new ConnectionFault(errorCode.flowControlError, 'a window above 2^31-1')
      initialWindow = value
    } else if (id === setting.maxFrameSize && (value < defaultFrameSize || value > largestFrameSize))
      return new ConnectionFault(errorCode.protocolError, 'a frame size out of its range')
    else if (id === setting.enablePush && value > 1)
      return new ConnectionFault(errorCode.protocolError, 'ENABLE_PUSH is neither 0 nor 1')
  }
  return { initialWindow }
}
