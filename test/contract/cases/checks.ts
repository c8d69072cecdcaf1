import assert from 'node:assert/strict'
import { headerOperations, largeInteger } from '../adapter.js'
import { asking, command, question } from '../asking.js'
import type { Cases } from './case.js'

const nothing = { headers: [], metadata: {}, output: {}, cacheKeys: [] }

/** Verdicts, whole. */
export const checks: Cases = {
  'an allow without opinion on caching': async world => {
    const verdict = await (await world.open()).check(command('allow'), asking())
    assert.deepEqual({ ...verdict }, { kind: 'allow', caching: { kind: 'no-opinion' }, ...nothing })
  },
  'an allow that holds for a time and a number of uses': async world => {
    const verdict = await (await world.open()).check(command('allow 5000 7'), asking())
    assert.deepEqual(
      { ...verdict },
      { kind: 'allow', caching: { kind: 'valid', forMs: 5_000, uses: 7 }, ...nothing },
    )
  },
  'an allow that holds for a time, however often it is used': async world => {
    const verdict = await (await world.open()).check(command('allow 5000'), asking())
    assert.deepEqual(
      { ...verdict },
      { kind: 'allow', caching: { kind: 'valid', forMs: 5_000, uses: -1 }, ...nothing },
    )
  },
  'an allow that must not be kept': async world => {
    const verdict = await (await world.open()).check(command('allow-do-not-cache'), asking())
    assert.deepEqual({ ...verdict }, { kind: 'allow', caching: { kind: 'do-not-cache' }, ...nothing })
  },
  'a denial with code and message': async world => {
    const verdict = await (await world.open()).check(command('deny'), asking())
    assert.deepEqual(
      { ...verdict },
      {
        kind: 'deny',
        code: 7,
        message: 'closed for the night',
        direct: undefined,
        caching: { kind: 'do-not-cache' },
        metadata: {},
        cacheKeys: [],
      },
    )
  },
  'a denial that may be kept': async world => {
    const verdict = await (await world.open()).check(command('deny-valid'), asking())
    assert.equal(verdict.kind, 'deny')
    assert.deepEqual(verdict.kind === 'deny' && [verdict.code, verdict.message, verdict.caching], [
      16,
      'who are you',
      { kind: 'valid', forMs: 2_000, uses: 3 },
    ])
  },
  'a denial with a direct response': async world => {
    const verdict = await (await world.open()).check(command('direct'), asking())
    assert.deepEqual(verdict.kind === 'deny' && verdict.direct, {
      httpStatus: 429,
      body: 'slow down ünïcode',
      headers: [['x-reason', 'quota']],
    })
  },
  'header operations, in order': async world => {
    const verdict = await (await world.open()).check(command('headers'), asking())
    assert.deepEqual(verdict.kind === 'allow' && verdict.headers.map(each => ({ ...each })), headerOperations)
  },
  'metadata of three kinds': async world => {
    const verdict = await (await world.open()).check(command('metadata'), asking())
    assert.deepEqual(verdict.kind === 'allow' && { ...verdict.metadata }, {
      text: 'tëxt',
      number: 1.5,
      flag: true,
    })
  },
  'keys to withdraw an answer by': async world => {
    const verdict = await (await world.open()).check(command('keys'), asking())
    assert.deepEqual(verdict.kind === 'allow' && verdict.cacheKeys, ['user:1', 'group:2'])
  },
  'the outputs of a check': async world => {
    const handler = await world.open()
    const verdict = await handler.check(question('checkproducer', { stringPrimitive: 'x' }), asking())
    assert.equal(verdict.kind, 'allow')
    if (verdict.kind !== 'allow') return
    assert.deepEqual(verdict.caching, { kind: 'valid', forMs: 5_000, uses: 100 })
    assert.deepEqual(
      { ...verdict.output },
      {
        stringPrimitive: { type: 'STRING', value: 'found x' },
        int64Primitive: { type: 'INT64', value: largeInteger },
      },
    )
  },
  'a denial from a template with outputs': async world => {
    const handler = await world.open()
    const verdict = await handler.check(question('checkproducer', { stringPrimitive: 'deny' }), asking())
    assert.deepEqual(verdict.kind === 'deny' && [verdict.code, verdict.message], [
      5,
      'nothing under this key',
    ])
  },
  'an instance arrives as it was sent': async world => {
    const handler = await world.open()
    const text = 'ünïcode '.repeat(200).trim()
    const verdict = await handler.check(command(text), asking())
    assert.equal(verdict.kind === 'deny' && verdict.message, `echo:${text}`)
  },
  'an address arrives as its bytes': async world => {
    const handler = await world.open()
    const value = { type: 'IP_ADDRESS', value: Uint8Array.of(10, 0, 255, 1) }
    const verdict = await handler.check(question('listentry', { value }), asking())
    assert.equal(verdict.kind === 'deny' && verdict.message, 'echo:bytes:0a00ff01')
  },
}
