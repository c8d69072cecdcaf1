import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import type { AdapterStart } from './adapter-child.js'
import { AdapterProcess } from './adapter-process.js'
import type { HostStart } from './host-child.js'
import { HostProcess } from './host-process.js'
import { Load, type LoadPlan } from './load.js'
import { until } from './until.js'

/** A host tries again sooner than it would, so that more happens in the time of a test. */
const quickBackoff = { firstMs: 50, maxMs: 250 }

/** A folder, a host and its adapters, each a process of its own; everything ends with the test. */
export class Scene {
  readonly folder: string
  readonly journal: string
  readonly #test: Test
  readonly #endings: (() => unknown)[] = []

  constructor(test: Test) {
    this.#test = test
    this.folder = mkdtempSync(join(tmpdir(), 'outboard-chaos-'))
    this.journal = this.path('journal')
    test.teardown(async () => {
      for (const end of this.#endings.reverse()) await end()
      rmSync(this.folder, { recursive: true, force: true })
    })
  }

  path(name: string): string {
    return join(this.folder, name)
  }

  /** Something to do when the test ends; what was begun last ends first. */
  ends(end: () => unknown): void {
    this.#endings.push(end)
  }

  /** An adapter; by default on a free port, in version 1.0.0. */
  async adapter(start: Partial<AdapterStart> = {}): Promise<AdapterProcess> {
    const { journal } = this
    const adapter = await AdapterProcess.start({
      address: '127.0.0.1:0',
      version: '1.0.0',
      journal,
      ...start,
    })
    this.ends(() => adapter.kill())
    return adapter
  }

  /** A host with one file of configuration, ready for requests. */
  async host(yaml: string, more: Partial<HostStart> = {}): Promise<HostProcess> {
    this.configure(yaml)
    const flags = { config: this.path('config'), drainTimeout: '10s', ...more.flags }
    const timing = { backoff: quickBackoff, ...more.timing }
    const host = await HostProcess.start({ ...more, flags, timing })
    this.ends(() => host.end())
    return host
  }

  /** Writes the configuration; a host that runs takes it as a change. */
  configure(yaml: string): void {
    const folder = this.path('config')
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'all.yaml'), yaml)
  }

  load(plan: LoadPlan): Load {
    const load = new Load(plan).start()
    this.ends(() => load.close())
    return load
  }

  /** Resolves when every gate has had this many more right answers than now. */
  async served(load: Load, more: number): Promise<void> {
    await Promise.all(
      [...load.checks].map(([gate, tally]) => {
        const wanted = tally.right + more
        return until(`${wanted} right answers of ${gate}; ${tally.print()}`, () => tally.right >= wanted)
      }),
    )
  }

  /** One line of counts, for whoever reads the run. */
  tell(what: string): void {
    this.#test.comment(what)
  }
}
