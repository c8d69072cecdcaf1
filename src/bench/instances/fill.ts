/**
 * Nanoseconds to fill an instance: as a plain record, as bytes straight from slots, and (for comparison) as bytes by way
 * of the record; and to read the bytes again. Run it alone on a quiet machine: `node dist/src/bench/instances/fill.js`.
 */
import { builtinTemplate, decodeInstance, encodeInstance } from '@outboard/adapters-sdk'
import { AttributeBag, Vocabulary } from '../../mixer/attributes/index.js'
import { compileInstance } from '../../mixer/config/instances/index.js'
import { EvalFailure } from '../../mixer/expr/index.js'

const rounds = 7
const calls = 200_000

const texts = ['service', 'workload', 'namespace', 'version', 'principal', 'protocol', 'policy', 'app']
const vocabulary = new Vocabulary([
  { name: 'source.ip', type: 'IP_ADDRESS' },
  { name: 'response.code', type: 'INT64' },
  { name: 'response.size', type: 'INT64' },
  { name: 'request.headers', type: 'STRING_MAP' },
  ...texts.map(name => ({ name: `destination.${name}`, type: 'STRING' as const })),
])

const bag = new AttributeBag(vocabulary)
bag.setByName('source.ip', Uint8Array.of(10, 0, 0, 1))
bag.setByName('response.code', 200)
bag.setByName('response.size', 81_920)
bag.setByName('request.headers', new Map([['user-agent', 'curl/8']]))
for (const name of texts) bag.setByName(`destination.${name}`, `some-${name}-of-a-usual-length`)

/** The best of several rounds: the others measure what else the machine was doing. */
function nanosPerCall(call: () => void): number {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < rounds; round++) {
    const start = process.hrtime.bigint()
    for (let i = 0; i < calls; i++) call()
    best = Math.min(best, Number(process.hrtime.bigint() - start) / calls)
  }
  return best
}

function measure(title: string, templateName: string, params: unknown): void {
  const template = builtinTemplate(templateName)
  if (template === undefined) throw new TypeError(templateName)
  const name = 'requestcount.instance.istio-system'
  const result = compileInstance({
    name,
    template,
    style: 'compiled',
    params,
    bindings: undefined,
    vocabulary,
    language: 'CEXL',
  })
  if (!result.ok) throw new TypeError(result.problems.map(problem => problem.message).join('\n'))
  const instance = result.value
  const record = instance.build(bag)
  const bytes = instance.encode(bag)
  if (record instanceof EvalFailure || bytes instanceof EvalFailure) throw new TypeError('a field failed')
  const columns = [
    title.padEnd(26),
    `${bytes.length} bytes`.padStart(10),
    `build ${nanosPerCall(() => void instance.build(bag)).toFixed(0)} ns`,
    `encode ${nanosPerCall(() => void instance.encode(bag)).toFixed(0)} ns`,
    `encode a record ${nanosPerCall(() => void encodeInstance(template, record)).toFixed(0)} ns`,
    `decode ${nanosPerCall(() => void decodeInstance(template, bytes)).toFixed(0)} ns`,
  ]
  console.log(columns.join('  '))
}

measure('checknothing', 'checknothing', undefined)
measure('listentry, one text', 'listentry', { value: 'destination.app' })
measure('listentry, one address', 'listentry', { value: 'source.ip' })
measure('metric of 10 dimensions', 'metric', {
  value: 'response.size',
  dimensions: {
    ...Object.fromEntries(texts.map(name => [name, `destination.${name} | "unknown"`])),
    code: 'response.code | 200',
    agent: 'request.headers["user-agent"] | "none"',
  },
  monitored_resource_type: '"UNSPECIFIED"',
})
