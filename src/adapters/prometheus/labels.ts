/** The label values of one series, in the order of the metric's label names. */
export interface Labels {
  readonly values: readonly string[]
  /** One text for all of them, which no others have. */
  readonly key: string
}

export function labelsOf(values: readonly string[]): Labels {
  return { values, key: keyOf(values) }
}

/** Lengths before values, so that no two sets of values share a key. */
function keyOf(values: readonly string[]): string {
  const parts = ['']
  let lengths = ''
  for (const value of values) {
    lengths += lengthText(value.length)
    parts.push(value)
  }
  parts[0] = lengths
  return parts.join('')
}

/** One character for usual lengths; those from 65,535 up begin with the one that no usual length has. */
function lengthText(length: number): string {
  return length < 0xffff ? String.fromCharCode(length) : `\uffff${length}:`
}
