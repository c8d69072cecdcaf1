/** The longest status message sent, in UTF-16 units; the rest is cut. Clients bound their header lists. */
const maxMessageLength = 4_096
const plain = /^[\x20-\x24\x26-\x7e]*$/

/** Percent-encoding of `grpc-message`, as the gRPC protocol over HTTP/2 defines it. */
export function encodeStatusMessage(message: string): string {
  const short = message.length > maxMessageLength ? `${message.slice(0, maxMessageLength)}...` : message
  if (plain.test(short)) return short
  let encoded = ''
  for (const byte of Buffer.from(short)) {
    const keep = byte >= 0x20 && byte <= 0x7e && byte !== 0x25
    encoded += keep ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return encoded
}
