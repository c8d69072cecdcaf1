import { noop } from '../../adapters/noop/adapter.js'
import { AttributeBag } from '../../mixer/attributes/index.js'
import { builtinAdaptersOf, loadSnapshot, type RuleTable, type Snapshot } from '../../mixer/config/index.js'

// What choosing rules costs as they grow, and what compiling them costs.
//   node --expose-gc dist/src/bench/rules/match.js [rules, default 10000]
// Wanted: choosing among 10,000 costs at most 1.5 times what it costs among 10; compiling 10,000 takes at most 2 s and
// 150 MB.

const adapters = builtinAdaptersOf([noop])

const head = `kind: handler
metadata: {name: h, namespace: istio-system}
spec: {compiledAdapter: noop}
---
kind: instance
metadata: {name: i, namespace: istio-system}
spec: {compiledTemplate: checknothing}
`

/** Rules as an operator of many services writes them: one service each, often a method, a header, or a reporter besides. */
function documents(rules: number): string {
  const more = [
    '',
    ' && request.method == "GET"',
    ' && (request.headers["x-tier"] | "none") == "gold"',
    ' && (context.reporter.kind | "inbound") == "inbound" && (request.path | "").startsWith("/health") == false',
  ]
  const each = (i: number) => `---
apiVersion: config.istio.io/v1alpha2
kind: rule
metadata:
  name: r${i}
  namespace: istio-system
spec:
  match: destination.service.name == "service-${i}"${more[i % more.length]}
  actions:
  - handler: h
    instances:
    - i
`
  return head + Array.from({ length: rules }, (_, i) => each(i)).join('')
}

/** Several files of bounded size, as the source has them. */
function sources(rules: number) {
  const all = documents(rules).split('\n---\n')
  const perFile = 2_000
  return Array.from({ length: Math.ceil(all.length / perFile) }, (_, i) => ({
    file: `rules-${i}.yaml`,
    text: all.slice(i * perFile, (i + 1) * perFile).join('\n---\n'),
  }))
}

function bagFor(snapshot: Snapshot, service: string): AttributeBag {
  const bag = new AttributeBag(snapshot.vocabulary)
  bag.setByName('destination.service.name', service)
  bag.setByName('destination.namespace', 'shop')
  bag.setByName('request.method', 'GET')
  bag.setByName('request.path', '/cart')
  bag.setByName('request.headers', new Map([['x-tier', 'gold']]))
  return bag
}

/** Microseconds for one choice, the best of several rounds: the others are the machine's noise. */
function choiceUs(rules: RuleTable, bag: AttributeBag): number {
  const perRound = 50_000
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < 8; round++) {
    const start = process.hrtime.bigint()
    for (let i = 0; i < perRound; i++) rules.match('check', bag)
    best = Math.min(best, Number(process.hrtime.bigint() - start) / 1_000 / perRound)
  }
  return best
}

async function compiled(rules: number): Promise<Snapshot> {
  const loaded = await loadSnapshot(sources(rules), { adapters })
  if (loaded.kind === 'refused') throw new Error(loaded.problems[0].message)
  return loaded.snapshot
}

const many = Number(process.argv[2] ?? 10_000)
const texts = sources(many)
await compiled(100) // loads the modules that a first load needs
global.gc?.()
const heapBefore = process.memoryUsage().heapUsed
const start = process.hrtime.bigint()
const cpuBefore = process.cpuUsage()
const loaded = await loadSnapshot(texts, { adapters })
const compileMs = Number(process.hrtime.bigint() - start) / 1e6
const cpu = process.cpuUsage(cpuBefore)
const cpuMs = (cpu.user + cpu.system) / 1e3
if (loaded.kind === 'refused') throw new Error(loaded.problems[0].message)
const large = loaded.snapshot
const peakMb = (process.memoryUsage().heapUsed - heapBefore) / 1e6
global.gc?.()
const keptMb = (process.memoryUsage().heapUsed - heapBefore) / 1e6
const small = await compiled(10)

const rows = ['service-0', 'service-2', 'service-7', 'unknown'].map(service => {
  const fewUs = choiceUs(small.rules, bagFor(small, service))
  const manyUs = choiceUs(large.rules, bagFor(large, service))
  return { service, 'among 10, µs': fewUs, [`among ${many}, µs`]: manyUs, ratio: manyUs / fewUs }
})
console.table(
  rows.map(row => Object.fromEntries(Object.entries(row).map(([key, value]) => [key, round(value)]))),
)
console.log(
  `compiling ${many} rules, from text: ${compileMs.toFixed(0)} ms (CPU ${cpuMs.toFixed(0)} ms, all threads); heap right after it: ${peakMb.toFixed(0)} MB` +
    `${global.gc === undefined ? '' : `; kept by the snapshot: ${keptMb.toFixed(0)} MB`}`,
)

function round(value: string | number): string | number {
  return typeof value === 'number' ? Number(value.toFixed(3)) : value
}
