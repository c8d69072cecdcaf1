/** A length-delimited field below number 16. */
export function field(number: number, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content)
  const length = body.length < 128 ? [body.length] : [(body.length & 127) | 128, body.length >> 7]
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...length]), body])
}

/** Text as bytes. */
export const text = (value: string) => Buffer.from(value)
