import { readFileSync } from 'node:fs'
import {
  decodeAdapterFrame,
  decodeHostFrame,
  defaultLimits,
  encodeAdapterFrame,
  encodeHostFrame,
  limitFields,
  protocolErrorCodes,
  sessionMethodPath,
  socketFrame,
  socketUpgrade,
} from '@outboard/adapters-sdk/protocol'
import protobuf from 'protobufjs'
import t from 'tap'

// docs/session-protocol.md is what implementers in other languages read: its bytes and tables are compared with the code.

const document = readFileSync('docs/session-protocol.md', 'utf8')
const root = protobuf.loadSync('adapters-sdk/proto/outboard/adapter/v1/session.proto')

/** Cells of every table row whose first cell matches, without code marks. */
function rows(section: string, first: RegExp): string[][] {
  return section
    .split('\n')
    .filter(line => line.startsWith('|'))
    .map(line =>
      line
        .split('|')
        .slice(1, -1)
        .map(cell => cell.trim().replaceAll('`', '')),
    )
    .filter(cells => first.test(cells[0] ?? ''))
}

/** The part of the document below a heading, up to the next one. */
function section(heading: string): string {
  const start = document.indexOf(`\n${heading}\n`)
  if (start < 0) throw new Error(`the document has no "${heading}"`)
  const end = document.indexOf('\n#', start + heading.length + 2)
  return document.slice(start, end < 0 ? undefined : end)
}

/** As the document writes values: bytes in hex, 64-bit integers as text, no limits. */
function written(frame: unknown): unknown {
  const text = JSON.stringify(frame, (key, value: unknown) => {
    if (key === 'limits') return undefined
    if (typeof value === 'bigint') return value.toString()
    if (
      typeof value === 'object' &&
      value !== null &&
      'type' in value &&
      value.type === 'Buffer' &&
      'data' in value
    ) {
      return Array.isArray(value.data) ? Buffer.from(value.data).toString('hex') : value
    }
    return value
  })
  return JSON.parse(text)
}

t.test('Every example in bytes is the frame beside it, to the byte', async t => {
  const examples = [...document.matchAll(/```hex (host|adapter)\n([\s\S]*?)```\n\n```json\n([\s\S]*?)```/g)]
  t.ok(examples.length >= 13)
  for (const [, side, hex = '', json = ''] of examples) {
    const bytes = Buffer.from(hex.replaceAll(/\s/g, ''), 'hex')
    const type = root.lookupType(`outboard.adapter.v1.${side === 'host' ? 'HostFrame' : 'AdapterFrame'}`)
    t.equal(type.verify(type.decode(bytes)), null)
    if (side === 'host') {
      const frame = decodeHostFrame(bytes, defaultLimits)
      t.strictSame(written(frame), JSON.parse(json))
      if (frame !== undefined && frame.kind !== 'hello')
        t.equal(encodeHostFrame(frame).toString('hex'), bytes.toString('hex'))
    } else {
      const frame = decodeAdapterFrame(bytes, defaultLimits)
      t.strictSame(written(frame), JSON.parse(json))
      if (frame !== undefined) t.equal(encodeAdapterFrame(frame).toString('hex'), bytes.toString('hex'))
    }
  }
})

t.test('On a socket each frame stands behind its length', async t => {
  const examples = [...document.matchAll(/```hex socket (host|adapter)\n([\s\S]*?)```/g)]
  t.equal(examples.length, 2)
  for (const [, side, hex = ''] of examples) {
    const bytes = Buffer.from(hex.replaceAll(/\s/g, ''), 'hex')
    const frame =
      side === 'host'
        ? encodeHostFrame({ kind: 'ping', nonce: 7 })
        : encodeAdapterFrame({ kind: 'pong', nonce: 7 })
    t.equal(socketFrame(frame).toString('hex'), bytes.toString('hex'))
  }
  const requests = [...section('## Sockets').matchAll(/```http\n([\s\S]*?)```/g)].map(([, text = '']) => text)
  t.match(requests[0], `GET ${sessionMethodPath} HTTP/1.1`)
  for (const text of requests) t.match(text, `Upgrade: ${socketUpgrade}`)
})

t.test('The tables of frames are those of session.proto', async t => {
  for (const [heading, name] of [
    ['### From the host', 'HostFrame'],
    ['### From the adapter', 'AdapterFrame'],
  ] as const) {
    const fields = root.lookupType(`outboard.adapter.v1.${name}`).fieldsArray
    t.strictSame(
      rows(section(heading), /^\d+$/).map(([number, frame, message]) => [Number(number), frame, message]),
      fields.map(field => [field.id, snake(field.name), field.type]),
    )
  }
})

t.test('The limits are the code’s, with their numbers and defaults', async t => {
  t.strictSame(
    rows(section('### Limits'), /^\d+$/).map(([number, name, value]) => [
      Number(number),
      name,
      Number(value?.replaceAll(',', '')),
    ]),
    limitFields.map(([name, number]) => [number, snake(name), defaultLimits[name]]),
  )
  const fields = root.lookupType('outboard.adapter.v1.Limits').fieldsArray
  t.strictSame(
    limitFields.map(([name, number]) => [number, snake(name)]),
    fields.map(field => [field.id, snake(field.name)]),
  )
})

t.test('The failures and the reasons of a close are all there', async t => {
  const failures = root.lookupEnum('outboard.adapter.v1.FailureCode').values
  t.strictSame(
    Object.fromEntries(
      rows(section('## Results'), /^\d+$/).map(([number, name = '']) => [name, Number(number)]),
    ),
    Object.fromEntries(Object.entries(failures).filter(([, number]) => number > 0)),
  )
  t.strictSame(
    rows(section('## Drain and close'), /^PROTOCOL_/).map(([code]) => code),
    [...protocolErrorCodes],
  )
})

function snake(name: string): string {
  return name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)
}
