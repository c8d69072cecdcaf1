import { References, type Vocabulary } from '../../mixer/attributes/index.js'
import { Shape } from '../shape.js'

/** Shapes that hosts of one configuration share; one more is not added. */
export const maxSharedShapes = 64

/** A shape by names instead of slots, which are this process's own business: `[name, key or null, kind]` each. */
export function writeShape(shape: Shape, vocabulary: Vocabulary): string {
  return JSON.stringify(
    shape.references
      .list()
      .map(({ slot, mapKey, present, wholeMap }) => [
        vocabulary.name(slot),
        mapKey ?? null,
        wholeMap ? 'whole' : present ? 'present' : 'absent',
      ])
      .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
  )
}

/** The reverse; undefined for a text that is no shape of this vocabulary. */
export function readShape(text: string, vocabulary: Vocabulary): Shape | undefined {
  let looks: unknown
  try {
    looks = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!Array.isArray(looks)) return undefined
  const references = new References(vocabulary.size)
  for (const look of looks) {
    if (!Array.isArray(look)) return undefined
    const [name, mapKey, kind]: unknown[] = look
    const slot = typeof name === 'string' ? vocabulary.slot(name) : undefined
    if (slot === undefined || typeof kind !== 'string') return undefined
    const isMap = vocabulary.type(slot) === 'STRING_MAP'
    if (typeof mapKey === 'string' && isMap && kind !== 'whole')
      references.mapKey(slot, mapKey, kind === 'present')
    else if (mapKey !== null) return undefined
    else if (kind === 'whole' && isMap) references.wholeMap(slot)
    else if (kind === 'absent' || (kind === 'present' && !isMap))
      references.attribute(slot, kind === 'present')
    else return undefined
  }
  return new Shape(references, vocabulary)
}
