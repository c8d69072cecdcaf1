import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { builtinAdapters } from '../../src/adapters/registry.js'
import { LiveConfiguration } from '../../src/cli/serve/configuration.js'
import {
  type AdapterDirectory,
  builtinAdaptersOf,
  noDirectory,
  type Snapshot,
} from '../../src/mixer/config/index.js'
import type { Swapped } from '../../src/mixer/engine/index.js'
import { CountingTelemetry } from '../support/counting-telemetry.js'
import { ManualClock } from '../support/manual-clock.js'

/** Something that stays open until it is let go. */
export class Gate {
  #open: () => void = () => {}
  readonly passed = new Promise<void>(resolve => {
    this.#open = resolve
  })

  open(): void {
    this.#open()
  }
}

/** A live configuration of one file, in front of an engine that a test answers for. */
export function living(
  t: Test,
  text: string,
  answer: (snapshot: Snapshot) => Promise<Swapped>,
  directory: AdapterDirectory = noDirectory,
) {
  const path = t.testdir({ 'a.yaml': text })
  const clock = new ManualClock()
  const swapped: Snapshot[] = []
  const telemetry = new CountingTelemetry()
  let looks = 0
  const configuration = new LiveConfiguration({
    path,
    defaultNamespace: 'istio-system',
    language: undefined,
    adapters: builtinAdaptersOf(builtinAdapters.values()),
    directory,
    engine: {
      swap: snapshot => {
        swapped.push(snapshot)
        return answer(snapshot)
      },
    },
    // Each look takes a millisecond, so that a load gives way after every few steps.
    clock: { now: () => clock.now() + looks++, after: (ms, callback) => clock.after(ms, callback) },
    telemetry,
  })
  t.teardown(() => configuration.close())
  return {
    path,
    configuration,
    clock,
    telemetry,
    swapped,
    write: (changed: string) => writeFileSync(join(path, 'a.yaml'), changed),
    /** Lets time pass, in steps, until something holds. */
    until: async (holds: () => boolean) => {
      while (!holds()) {
        clock.advance(50)
        await new Promise(resolve => setImmediate(resolve))
      }
    },
  }
}

/** A rule that edits a header: the least that loads. */
export function headerRule(name: string): string {
  return `kind: rule
metadata: {name: ${name}, namespace: istio-system}
spec: {requestHeaderOperations: [{name: x, operation: REMOVE}]}
`
}
