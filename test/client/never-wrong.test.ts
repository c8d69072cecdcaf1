import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type { AttributeValues, Value } from '@outboard/adapters-sdk'
import fc from 'fast-check'
import t from 'tap'
import { clientOf } from './asking.js'
import { referenced, ScriptedServer, verdict } from './scripted-server.js'

const runs = Number(process.env.OUTBOARD_FUZZ ?? 200)

/** Few values, chosen to be taken for each other: separators, lengths, numbers and their texts. */
const text = fc.constantFrom(
  '',
  'a',
  '1',
  '1:a',
  ':',
  'a|b',
  '0',
  '-0',
  '1;',
  'constructor',
  '__proto__x',
  'é',
)
const value: fc.Arbitrary<Value> = fc.oneof(
  text.map(one => ({ type: 'STRING', value: one }) as const),
  text.map(one => ({ type: 'URI', value: one }) as const),
  fc.constantFrom(0n, 1n, -1n, 2n ** 62n).map(one => ({ type: 'INT64', value: one }) as const),
  fc.constantFrom(0n, 1n, -1n).map(one => ({ type: 'DURATION', value: one }) as const),
  fc.constantFrom(0, -0, 1, Number.POSITIVE_INFINITY).map(one => ({ type: 'DOUBLE', value: one }) as const),
  fc.boolean().map(one => ({ type: 'BOOL', value: one }) as const),
  fc
    .constantFrom(
      { seconds: 1, nanos: 0 },
      { seconds: 0, nanos: 1 },
      { seconds: 1, nanos: 10 },
      { seconds: 11, nanos: 0 },
    )
    .map(one => ({ type: 'TIMESTAMP', value: one }) as const),
  fc
    .constantFrom([1, 2, 3, 4], [1, 2, 3, 5], [49, 58, 97, 0])
    .map(one => ({ type: 'IP_ADDRESS', value: Uint8Array.from(one) }) as const),
  fc
    .uniqueArray(fc.tuple(text, text), { selector: ([key]) => key, maxLength: 3 })
    .map(pairs => ({ type: 'STRING_MAP', value: Object.fromEntries(pairs) }) as const),
)
const names = ['a', 'b', 'request.headers'] as const
/** Requests whose values come from one small pool, so that many agree, and differ in what is easily confused. */
const requestsOf = (count: { minLength: number; maxLength: number }) =>
  fc.array(value, { minLength: 1, maxLength: 4 }).chain(pool => {
    const one = fc.option(fc.constantFrom(...pool), { nil: undefined, freq: 4 })
    return fc.array(fc.tuple(...names.map(() => one)).map(named), count)
  })

function named(values: readonly (Value | undefined)[]): AttributeValues {
  const present = names.flatMap((name, nth) => {
    const one = values[nth]
    return one === undefined ? [] : [[name, one] as const]
  })
  return Object.fromEntries(present)
}

/** A step of what a server looks at: an attribute, or a key if it is a map; and how to go on from what is there. */
interface Look {
  readonly name: (typeof names)[number]
  readonly key: string
}
const looks: fc.Arbitrary<readonly Look[]> = fc.array(
  fc.record({ name: fc.constantFrom(...names), key: text }),
  { minLength: 1, maxLength: 4 },
)

/** What is there, as a text that differs whenever the server could tell the difference. */
function seenAt(
  values: AttributeValues,
  { name, key }: Look,
): { text: string; present: boolean; map: boolean } {
  const found = values[name]
  if (found === undefined || (found.type === 'STRING_MAP' && Object.keys(found.value).length === 0))
    return { text: 'absent', present: false, map: false }
  if (found.type === 'STRING_MAP') {
    const present = Object.hasOwn(found.value, key)
    return { text: present ? `key ${JSON.stringify(found.value[key])}` : 'no key', present, map: true }
  }
  const travels = found.type === 'URI' ? 'STRING' : found.type
  const exact = Object.is(found.value, -0) ? 'minus zero' : found.value
  const printed = JSON.stringify(exact, (_, one: unknown) =>
    typeof one === 'bigint' || one === Number.POSITIVE_INFINITY ? `#${one}` : one,
  )
  return { text: `${travels} ${printed}`, present: true, map: false }
}

/**
 * A server that looks at one thing after another. What it saw decides whether it looks on, and what it answers: so its
 * answers have many shapes, and any two requests that differ in something looked at get different answers.
 */
function decide(values: AttributeValues, plan: readonly Look[]) {
  let trail = ''
  const references: { name: string; key?: string; condition: 'EXACT' | 'ABSENCE' }[] = []
  for (const look of plan) {
    const { text: seen, present, map } = seenAt(values, look)
    trail += `${look.name}[${map ? look.key : ''}] ${seen};`
    const condition = present ? 'EXACT' : 'ABSENCE'
    references.push({ name: look.name, ...(map ? { key: look.key } : {}), condition })
    if ((createHash('sha256').update(trail).digest()[0] ?? 0) < 80) break
  }
  return { trail, references }
}

t.test('a kept verdict equals the one that asking again would have given', async t => {
  let hits = 0
  await fc.assert(
    fc.asyncProperty(looks, requestsOf({ minLength: 2, maxLength: 40 }), async (plan, requests) => {
      let asked: AttributeValues = {}
      const server = new ScriptedServer(() => {
        const { trail, references } = decide(asked, plan)
        const status = { code: trail.length % 2 === 0 ? 7 : 0, message: trail }
        return { answer: verdict({ status, referenced_attributes: referenced(...references) }) }
      })
      const { client } = clientOf(server, { checkCacheShapes: 3 })
      for (const one of requests) {
        asked = one
        const { status, fromCache } = await client.check(one)
        assert.equal(status.message, decide(one, plan).trail)
        if (fromCache) hits++
      }
    }),
    { numRuns: runs },
  )
  t.ok(hits > 2 * runs, `${hits} hits in ${runs} runs`)
})

t.test('requests that agree in everything looked at share a verdict', async t => {
  await fc.assert(
    fc.asyncProperty(
      looks,
      requestsOf({ minLength: 2, maxLength: 2 }),
      async (plan, [one = {}, other = {}]) => {
        const { references, trail } = decide(one, plan)
        const said = verdict({ referenced_attributes: referenced(...references) })
        const { client } = clientOf(new ScriptedServer(() => ({ answer: said })))
        await client.check(one)
        const { fromCache } = await client.check(other)
        assert.equal(fromCache, decide(other, plan).trail === trail)
      },
    ),
    { numRuns: runs * 3 },
  )
  t.pass(`${runs * 3} runs`)
})
