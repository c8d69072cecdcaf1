import { performance } from 'node:perf_hooks'
import { Vocabulary } from '../../mixer/attributes/index.js'
import { decodeCheckRequest } from '../../mixer/doors/mixer/check-request.js'
import { encodeCheckResponse } from '../../mixer/doors/mixer/check-response.js'
import { defaultLimits } from '../../mixer/doors/mixer/limits.js'
import { slotTable } from '../../mixer/doors/mixer/slots.js'
import { checkRequest, declarations } from './request.js'

/**
 * What decoding and answering a Check costs by itself, in microseconds: `node codec.js`. The server around it is
 * measured by `main.js`.
 */
const vocabulary = new Vocabulary(declarations)
const table = slotTable(vocabulary)
const nothing = () => {}

function decode() {
  const check = decodeCheckRequest(checkRequest, vocabulary, table, defaultLimits, nothing)
  if ('malformed' in check) throw new TypeError(check.malformed)
  return check
}

const slot = (name: string) => vocabulary.slot(name) ?? -1
const read = ['context.reporter.kind', 'destination.namespace', 'request.method', 'source.user'].map(slot)
const headers = slot('request.headers')

function look() {
  const check = decode()
  for (const one of read) check.bag.read(one)
  check.bag.readKey(headers, 'x-user')
  return check
}

const looked = look()
const answer = {
  kind: 'decided',
  code: 0,
  message: '',
  validForMs: 60_000,
  validUses: 10_000,
  references: looked.bag.references,
  directive: undefined,
  metadata: {},
  quotas: [],
  fromCache: false,
} as const

const parts: Readonly<Record<string, () => unknown>> = {
  'decode a Check': decode,
  'decode, read five attributes': look,
  'encode its answer (five references)': () => encodeCheckResponse(answer, table, 222),
}

process.stdout.write(`request: ${checkRequest.length} bytes\n`)
for (const [name, run] of Object.entries(parts)) {
  for (let i = 0; i < 20_000; i++) run()
  const rounds = Array.from({ length: 9 }, () => {
    const begun = performance.now()
    for (let i = 0; i < 20_000; i++) run()
    return (performance.now() - begun) / 20
  }).sort((a, b) => a - b)
  process.stdout.write(`${name}: ${rounds[4]?.toFixed(2)} µs (least ${rounds[0]?.toFixed(2)})\n`)
}
