/**
 * The lengths in bits of the codes of all 256 bytes. The code is canonical, so the lengths are all there is to know.
 * Source: RFC 7541, appendix B.
 */
const lengths = [
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28,
  28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12,
  10, 13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6, 15, 5, 6,
  5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28, 20, 22, 20, 20, 22, 22,
  22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24, 22, 21, 20,
  22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
  26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28,
  27, 27, 27, 20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28,
  27, 27, 27, 27, 27, 26,
] // biome-ignore format: a table of numbers

/** The end-of-string symbol: 30 ones. It never stands in a string; its first bits pad the last byte. */
const endOfString = 256
const endOfStringLength = 30

/** A tree of codes: for each node its two followers; a negative one is a symbol, `-1 - symbol`. */
function tree(): number[][] {
  const nodes: number[][] = [[0, 0]]
  let code = 0
  let bits = 0
  const symbols = [...lengths, endOfStringLength]
    .map((length, symbol) => ({ length, symbol }))
    .sort((a, b) => a.length - b.length || a.symbol - b.symbol)
  for (const { length, symbol } of symbols) {
    code *= 2 ** (length - bits)
    bits = length
    let node = 0
    for (let bit = length - 1; bit > 0; bit--) {
      const side = Math.floor(code / 2 ** bit) % 2
      const next = nodes[node]![side]!
      if (next === 0) {
        nodes[node]![side] = nodes.push([0, 0]) - 1
        node = nodes.length - 1
      } else node = next
    }
    nodes[node]![code % 2] = -1 - symbol
    code++
  }
  return nodes
}

/**
 * Four bits at a time: for each node and each half byte the node that follows (low 9 bits), and the byte that was
 * completed on the way (bit 17 says that there is one). No code is shorter than five bits, so there is at most one.
 */
const hasByte = 1 << 17
const impossible = 1 << 18

function transitions(nodes: readonly (readonly number[])[]): Int32Array {
  const table = new Int32Array(nodes.length * 16)
  for (let start = 0; start < nodes.length; start++) {
    for (let half = 0; half < 16; half++) {
      let node = start
      let entry = 0
      for (let bit = 3; bit >= 0; bit--) {
        const next = nodes[node]![(half >> bit) & 1]!
        if (next >= 0) node = next
        else {
          node = 0
          entry |= next === -1 - endOfString ? impossible : hasByte | ((-1 - next) << 9)
        }
      }
      table[start * 16 + half] = entry | node
    }
  }
  return table
}

const nodes = tree()
const table = transitions(nodes)

/** Nodes at which a string may end: at a byte's end, or on at most seven ones, the beginning of the end-of-string code. */
const mayEnd = new Uint8Array(nodes.length)
for (let node = 0, depth = 0; depth < 8; depth++) {
  mayEnd[node] = 1
  node = nodes[node]![1]!
  if (node < 0) break
}

/**
 * Decodes a string into `into`, which must have room for twice the bytes; answers how many were written, or -1 when
 * the string is not well formed.
 */
export function decodeHuffman(bytes: Buffer, start: number, end: number, into: Uint8Array): number {
  let node = 0
  let size = 0
  for (let pos = start; pos < end; pos++) {
    const byte = bytes[pos]!
    let entry = table[node * 16 + (byte >> 4)]!
    if ((entry & hasByte) !== 0) into[size++] = (entry >> 9) & 0xff
    if ((entry & impossible) !== 0) return -1
    entry = table[(entry & 0x1ff) * 16 + (byte & 0xf)]!
    if ((entry & hasByte) !== 0) into[size++] = (entry >> 9) & 0xff
    if ((entry & impossible) !== 0) return -1
    node = entry & 0x1ff
  }
  return mayEnd[node] === 1 ? size : -1
}
