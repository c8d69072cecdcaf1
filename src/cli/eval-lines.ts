/** A line of input, or the length of one that is longer than the limit and was skipped. */
export type Line = { readonly text: string } | { readonly tooLong: number }

/**
 * Splits bytes into lines of UTF-8 text; at most `maxBytes` of a line are kept in memory. The lines of one chunk of
 * input come together, so that whoever writes answers can write them together.
 */
export async function* linesOf(chunks: AsyncIterable<unknown>, maxBytes: number): AsyncGenerator<Line[]> {
  let parts: Buffer[] = []
  let length = 0
  const take = (): Line => {
    const line = length > maxBytes ? { tooLong: length } : { text: Buffer.concat(parts).toString('utf8') }
    parts = []
    length = 0
    return line
  }
  const add = (part: Buffer): void => {
    length += part.length
    if (length <= maxBytes) parts.push(part)
    else parts = []
  }
  for await (const chunk of chunks) {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk), 'utf8')
    const lines: Line[] = []
    let start = 0
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
      add(bytes.subarray(start, end))
      lines.push(take())
      start = end + 1
    }
    add(bytes.subarray(start))
    if (lines.length > 0) yield lines
  }
  if (length > 0) yield [take()]
}
