import { Code } from '@outboard/adapters-sdk'
import type { Clock } from '../../engine/ports.js'
import { Refusal, type Service, type StreamReceiver, type StreamSender } from '../service.js'
import { bytesType, WireReader } from '../wire/reader.js'

/** `HealthCheckResponse` with each status. Source: grpc.health.v1. */
const serving = Buffer.from([0x08, 1])
const notServing = Buffer.from([0x08, 2])
const serviceUnknown = Buffer.from([0x08, 3])

/** How often a watched state is looked at, milliseconds. */
const lookEveryMs = 1_000
/** Watches at once; one more is refused with RESOURCE_EXHAUSTED. */
const maxWatches = 1_000

export interface Health {
  readonly service: Service
  /** Looks at the state now, and tells watchers of a change. */
  refresh(): void
  /** Ends every watch and looks no more. */
  stop(): void
}

/** `grpc.health.v1.Health` for some names and for the whole server (the empty name), all with one truth. */
export function healthService(names: readonly string[], ready: () => boolean, clock: Clock): Health {
  const known = new Set(['', ...names])
  const watches = new Map<StreamSender, Buffer>()
  let stopLooking: (() => void) | undefined
  let stopped = false

  const state = () => (ready() ? serving : notServing)
  const refresh = () => {
    const now = state()
    for (const [out, told] of watches) {
      if (told === now || told === serviceUnknown) continue
      watches.set(out, now)
      out.send(now)
    }
  }
  const look = () => {
    stopLooking = undefined
    if (watches.size === 0 || stopped) return
    refresh()
    stopLooking = clock.after(lookEveryMs, look)
  }
  const watch = (message: Buffer, out: StreamSender) => {
    const name = readService(message)
    if (name === undefined) return out.end(malformed)
    if (watches.size >= maxWatches) return out.end(tooMany)
    const now = known.has(name) ? state() : serviceUnknown
    watches.set(out, now)
    out.send(now)
    stopLooking ??= clock.after(lookEveryMs, look)
  }

  return {
    service: {
      name: 'grpc.health.v1.Health',
      methods: [
        {
          kind: 'unary',
          path: '/grpc.health.v1.Health/Check',
          answer: message => {
            const name = readService(message)
            if (name === undefined) return malformed
            return known.has(name) ? state() : new Refusal(Code.NOT_FOUND, `unknown service ${name}`)
          },
        },
        {
          kind: 'stream',
          path: '/grpc.health.v1.Health/Watch',
          open: (_call, out): StreamReceiver => ({
            message: bytes => watch(bytes, out),
            ended: () => {},
            cancelled: () => watches.delete(out),
            draining: () => {
              watches.delete(out)
              out.end()
            },
          }),
        },
      ],
    },
    refresh,
    stop: () => {
      stopped = true
      stopLooking?.()
      for (const out of watches.keys()) out.end()
      watches.clear()
    },
  }
}

const malformed = new Refusal(Code.INVALID_ARGUMENT, 'malformed message')
const tooMany = new Refusal(Code.RESOURCE_EXHAUSTED, `more than ${maxWatches} watches`)

function readService(message: Buffer): string | undefined {
  const reader = new WireReader(message)
  let name = ''
  while (reader.more()) {
    const tag = reader.tag()
    if (tag === ((1 << 3) | bytesType)) name = reader.string()
    else reader.skip(tag)
  }
  return reader.problem === undefined ? name : undefined
}
