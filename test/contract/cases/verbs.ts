import assert from 'node:assert/strict'
import { AdapterError } from '@outboard/adapters-sdk'
import { largeInteger } from '../adapter.js'
import { asking, command, question } from '../asking.js'
import type { Cases } from './case.js'

const quota = question('quota', { dimensions: { user: { type: 'STRING', value: 'anna' } } })
const metric = (value: number) =>
  question('metric', { value: { type: 'INT64', value: BigInt(value) } }, `m${value}`)

/** Quotas, reports, attributes. */
export const verbs: Cases = {
  'a quota granted in full': async world => {
    const grant = await (await world.open()).quota(quota, { amount: 7n, bestEffort: false }, asking())
    assert.deepEqual({ ...grant }, { kind: 'granted', amount: 7n, validForMs: 2_500 })
  },
  'a quota granted in part': async world => {
    const grant = await (await world.open()).quota(quota, { amount: 25n, bestEffort: true }, asking())
    assert.deepEqual({ ...grant }, { kind: 'granted', amount: 10n, validForMs: 0 })
  },
  'a quota that is used up': async world => {
    const grant = await (await world.open()).quota(quota, { amount: 25n, bestEffort: false }, asking())
    assert.deepEqual({ ...grant }, { kind: 'granted', amount: 0n, validForMs: 0 })
  },
  'a quota refused, with the reason': async world => {
    const grant = await (await world.open()).quota(quota, { amount: 13n, bestEffort: false }, asking())
    assert.deepEqual({ ...grant }, { kind: 'refused', code: 8, message: 'not thirteen', validForMs: 500 })
  },
  'a quota released by a negative amount': async world => {
    const grant = await (await world.open()).quota(quota, { amount: -4n, bestEffort: false }, asking())
    assert.equal(grant.kind === 'granted' && grant.amount, -4n)
  },
  'an amount beyond 2^53 to the unit': async world => {
    const grant = await (await world.open()).quota(
      quota,
      { amount: largeInteger, bestEffort: false },
      asking(),
    )
    assert.equal(grant.kind === 'granted' && grant.amount, largeInteger)
  },
  'reports arrive whole and in order': async world => {
    const handler = await world.open()
    const batch = Array.from({ length: 100 }, (_, i) => metric(i))
    assert.equal(await handler.report(batch, asking()), undefined)
    assert.equal(await handler.report([metric(100)], asking()), undefined)
    const verdict = await handler.check(command('reported'), asking())
    const wanted = Array.from({ length: 101 }, (_, i) => `m${i}=${i}`).join(',')
    assert.equal(verdict.kind === 'deny' && verdict.message, wanted)
  },
  'attributes of every type': async world => {
    const produced = await (await world.open({ greeting: 'hi' })).produce(
      question('sampleapa', { int64Primitive: largeInteger }),
      asking(),
    )
    assert.ok(!(produced instanceof AdapterError), String(produced))
    const { ip, stringMap, ...rest } = produced.output
    assert.deepEqual(ip?.type === 'IP_ADDRESS' && [...ip.value], [10, 0, 0, 1])
    assert.deepEqual(stringMap?.type === 'STRING_MAP' && { ...stringMap.value }, { a: '1', b: '2' })
    assert.deepEqual(rest, {
      int64Primitive: { type: 'INT64', value: largeInteger },
      boolPrimitive: { type: 'BOOL', value: true },
      doublePrimitive: { type: 'DOUBLE', value: 0.5 },
      stringPrimitive: { type: 'STRING', value: 'hi, ünïcode' },
      duration: { type: 'DURATION', value: 1_500_000_000n },
      timestamp: { type: 'TIMESTAMP', value: { seconds: 1_500_000_000, nanos: 5 } },
      dns: { type: 'DNS_NAME', value: 'example.com' },
    })
  },
  'how long produced attributes hold': async world => {
    const produced = await (await world.open()).produce(question('sampleapa', {}), asking())
    assert.equal(!(produced instanceof AdapterError) && produced.validForMs, 7_000)
  },
  'no attributes and no opinion': async world => {
    const produced = await (await world.open()).produce(
      question('sampleapa', { stringPrimitive: 'nothing' }),
      asking(),
    )
    assert.ok(!(produced instanceof AdapterError), String(produced))
    assert.deepEqual([{ ...produced.output }, produced.validForMs], [{}, undefined])
  },
}
