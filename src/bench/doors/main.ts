import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { checkRequest } from './request.js'
import type { Contender } from './server-process.js'

/**
 * What a Check costs the server process, by server: `node main.js [rounds] [seconds] [depth]`. Every contender answers the
 * same bytes; `bare` is grpc-js alone, echoing them. Load comes from a process of its own. Rounds are interleaved; the
 * figure is the middle of the rounds.
 */
const contenders: readonly Contender[] = [
  'bare',
  'grpc-js-echo',
  'http2-echo',
  'grpc-js-mixer',
  'http2-mixer',
]
const [rounds = 5, seconds = 4, depth = 64] = process.argv.slice(2).map(Number)

const here = (name: string) => fileURLToPath(new URL(`./${name}${extname(import.meta.url)}`, import.meta.url))

async function told<Message>(child: ChildProcess): Promise<Message> {
  const [message] = await once(child, 'message')
  return message as Message
}

async function cpuMicros(child: ChildProcess): Promise<number> {
  child.send('usage')
  const { cpu } = await told<{ cpu: NodeJS.CpuUsage }>(child)
  return cpu.user + cpu.system
}

async function load(port: number, forSeconds: number): Promise<{ answered: number; failed: number }> {
  const child = fork(here('load-process'), [port, depth, forSeconds].map(String))
  const result = await told<{ answered: number; failed: number }>(child)
  if (child.exitCode === null) await once(child, 'exit')
  return result
}

interface Figures {
  readonly microsPerCall: number[]
  readonly callsPerSecond: number[]
}

const figures = new Map<Contender, Figures>(
  contenders.map(name => [name, { microsPerCall: [], callsPerSecond: [] }]),
)
const servers = new Map<Contender, { child: ChildProcess; port: number }>()
for (const name of contenders) {
  const child = fork(here('server-process'), [name])
  const { port } = await told<{ port: number }>(child)
  servers.set(name, { child, port })
  await load(port, 2)
}
for (let round = 0; round < rounds; round++) {
  for (const [name, { child, port }] of servers) {
    const before = await cpuMicros(child)
    const { answered, failed } = await load(port, seconds)
    const used = (await cpuMicros(child)) - before
    if (failed > 0) throw new Error(`${name}: ${failed} calls failed`)
    figures.get(name)?.microsPerCall.push(used / answered)
    figures.get(name)?.callsPerSecond.push(answered / seconds)
  }
}
for (const { child } of servers.values()) child.disconnect()

const middle = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
const bare = middle(figures.get('bare')?.microsPerCall ?? [])
process.stdout.write(
  `${checkRequest.length} bytes asked, ${depth} calls at once, ${rounds} rounds of ${seconds} s\n`,
)
for (const [name, { microsPerCall, callsPerSecond }] of figures) {
  const micros = middle(microsPerCall)
  const [least, most] = [Math.min(...microsPerCall), Math.max(...microsPerCall)]
  process.stdout.write(
    `${name.padEnd(14)} ${micros.toFixed(1).padStart(6)} µs CPU a call (${least.toFixed(1)} to ${most.toFixed(1)}), ` +
      `${(micros / bare).toFixed(2)} of bare, ${Math.round(middle(callsPerSecond))}/s\n`,
  )
}
