// The Huffman code of HPACK is canonical: the lengths of the codes say all. Source: RFC 7541, appendix B.

/**
 * Characters by the length of their code, each list ascending. Characters that are not here have codes of 19 bits and more;
 * no gRPC header has them.
 */
const byLength: readonly (readonly [bits: number, characters: string])[] = [
  [5, '012aceiost'],
  [6, ' %-./3456789=A_bdfghlmnpru'],
  [7, ':BCDEFGHIJKLMNOPQRSTUVWYjkqvwxyz'],
  [8, '&*,;XZ'],
  [10, '!"()?'],
  [11, "'+|"],
  [12, '#>'],
  [13, '\0$@[]~'],
  [14, '^}'],
  [15, '<`{'],
]

/** Characters by `length of the code * 2^16 + code`. */
const characters = new Map<number, string>()

let code = 0
let bitsBefore = 0
for (const [bits, list] of byLength) {
  code <<= bits - bitsBefore
  bitsBefore = bits
  for (const character of list) characters.set(bits * 0x10000 + code++, character)
}

const longestCode = 15

/** Decodes a text. A character that gRPC's headers cannot have ends it with `…`. */
export function huffmanText(bytes: Uint8Array): string {
  let text = ''
  let gathered = 0
  let bits = 0
  for (const byte of bytes)
    for (let shift = 7; shift >= 0; shift--) {
      gathered = (gathered << 1) | ((byte >> shift) & 1)
      bits++
      const character = characters.get(bits * 0x10000 + gathered)
      if (character !== undefined) {
        text += character
        gathered = 0
        bits = 0
      } else if (bits > longestCode) return `${text}…`
    }
  return text // what is left is padding
}
