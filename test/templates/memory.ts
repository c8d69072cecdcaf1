import { AdapterError, decodeInstance, type TemplateDefinition } from '@outboard/adapters-sdk'
import fc from 'fast-check'
import { show } from './show.js'

/** The same template without a past: codecs belong to the object that describes a message. */
export function fresh(definition: TemplateDefinition): TemplateDefinition {
  return { ...definition, instance: { ...definition.instance } }
}

/** What comes of the bytes: the instance with its dimensions in their order, or the message of the error. */
export function read(definition: TemplateDefinition, bytes: Uint8Array): string {
  try {
    const instance = decodeInstance(definition, bytes)
    const { dimensions } = instance.fields
    return `${show(instance)} ${typeof dimensions === 'object' ? Object.keys(dimensions).join() : ''}`
  } catch (error) {
    if (!(error instanceof AdapterError)) throw error
    return error.message
  }
}

/** Something done to bytes. */
export type Harm =
  | { readonly kind: 'none' }
  | { readonly kind: 'change'; readonly at: number; readonly to: number }
  | { readonly kind: 'cut'; readonly at: number }
  | { readonly kind: 'again'; readonly at: number; readonly bytes: number }
const share = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
export const harm: fc.Arbitrary<Harm> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ kind: 'none' as const }) },
  fc.record({ kind: fc.constant('change' as const), at: share, to: fc.nat({ max: 255 }) }),
  fc.record({ kind: fc.constant('cut' as const), at: share }),
  fc.record({ kind: fc.constant('again' as const), at: share, bytes: fc.integer({ min: 1, max: 120 }) }),
)

export function harmed(bytes: Uint8Array, done: Harm): Uint8Array {
  const copy = Buffer.from(bytes)
  switch (done.kind) {
    case 'none':
      return copy
    case 'change':
      copy[Math.floor(done.at * copy.length)] = done.to
      return copy
    case 'cut':
      return copy.subarray(0, Math.floor(done.at * copy.length))
    case 'again': {
      const at = Math.floor(done.at * copy.length)
      return Buffer.concat([copy.subarray(0, at), copy.subarray(Math.max(0, at - done.bytes))])
    }
  }
}
