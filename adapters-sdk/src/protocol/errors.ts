/**
 * What can be wrong with a session. The codes are stable, and travel in the `close` frame.
 * - `PROTOCOL_MALFORMED`: bytes that are not a frame
 * - `PROTOCOL_FRAME_TOO_LARGE`: a frame above the receiver's `frameBytes`
 * - `PROTOCOL_BATCH_TOO_LARGE`: more calls or results in one frame than the receiver's `batchItems`
 * - `PROTOCOL_LIMIT`: another announced limit was passed
 * - `PROTOCOL_VERSION`: no protocol version in common
 * - `PROTOCOL_UNEXPECTED_FRAME`: a frame that may not come in this state: a second hello, or anything before the first
 * - `PROTOCOL_HANDSHAKE_TIMEOUT`: no hello within the handshake time
 * - `PROTOCOL_DUPLICATE_CALL`: a call id that is not greater than the one before
 * - `PROTOCOL_UNKNOWN_CALL`: a result for a call that was never made, or that has its result
 * - `PROTOCOL_NO_CREDIT`: a call without credit
 * - `PROTOCOL_HANDLER_NUMBER`: a handler number and generation that are in use already, or a generation that goes back
 * - `PROTOCOL_PING_TIMEOUT`: no answer to a ping
 */
export const protocolErrorCodes = [
  'PROTOCOL_MALFORMED',
  'PROTOCOL_FRAME_TOO_LARGE',
  'PROTOCOL_BATCH_TOO_LARGE',
  'PROTOCOL_LIMIT',
  'PROTOCOL_VERSION',
  'PROTOCOL_UNEXPECTED_FRAME',
  'PROTOCOL_HANDSHAKE_TIMEOUT',
  'PROTOCOL_DUPLICATE_CALL',
  'PROTOCOL_UNKNOWN_CALL',
  'PROTOCOL_NO_CREDIT',
  'PROTOCOL_HANDLER_NUMBER',
  'PROTOCOL_PING_TIMEOUT',
] as const

/** One of {@link protocolErrorCodes}. */
export type ProtocolErrorCode = (typeof protocolErrorCodes)[number]

/** The other side broke the protocol, or we would have: the session ends with this reason. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
  constructor(
    readonly code: ProtocolErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}
