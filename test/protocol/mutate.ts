/** A small generator of chance (mulberry32), so that a run can be repeated by its seed. */
export function chance(start: number): (below: number) => number {
  let state = start >>> 0
  return below => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

/** One to four small changes: bits, bytes, cuts, doublings, insertions, lengths made huge. */
export function mutate(bytes: Buffer, random: (below: number) => number): Buffer {
  let mutated = Buffer.from(bytes)
  for (let changes = 1 + random(4); changes > 0; changes--) {
    const at = random(mutated.length + 1)
    switch (random(6)) {
      case 0:
        if (at < mutated.length) mutated[at] = (mutated[at] ?? 0) ^ (1 << random(8))
        break
      case 1:
        if (at < mutated.length) mutated[at] = random(256)
        break
      case 2:
        mutated = mutated.subarray(0, at)
        break
      case 3:
        mutated = Buffer.concat([mutated.subarray(0, at), mutated.subarray(random(at + 1))])
        break
      case 4:
        mutated = Buffer.concat([mutated.subarray(0, at), Buffer.from([random(256)]), mutated.subarray(at)])
        break
      case 5:
        mutated = Buffer.concat([
          mutated.subarray(0, at),
          Buffer.from('ffffffff0f', 'hex'),
          mutated.subarray(at),
        ])
        break
    }
  }
  return mutated.subarray(0, 20_000)
}
