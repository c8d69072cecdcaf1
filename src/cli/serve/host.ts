import { randomUUID } from 'node:crypto'
import { builtinAdapters } from '../../adapters/registry.js'
import type { AttributeCache } from '../../cache/index.js'
import { type Admin, openAdmin } from '../../mixer/admin/index.js'
import { builtinAdaptersOf } from '../../mixer/config/index.js'
import { createDoors, type Doors } from '../../mixer/doors/index.js'
import { createEngine, type RunningEngine, systemClock } from '../../mixer/engine/index.js'
import type { Spill } from '../../mixer/spill/index.js'
import { istioFamilies, renderPrometheus } from '../../mixer/telemetry/index.js'
import { CliError } from '../errors.js'
import { languageOverride } from '../language.js'
import { packageVersion } from '../package-facts.js'
import type { Shell } from '../shell.js'
import { adminUnavailable, noAdmin, parseAdminAddress } from './admin-address.js'
import { openCache } from './cache.js'
import { cacheControls } from './cache-controls.js'
import { LiveConfiguration } from './configuration.js'
import { doorsOptions } from './doors.js'
import { DrainSteps } from './drain-steps.js'
import type { ServeOptions } from './option-table.js'
import { openPlacements, type Reaching } from './placements.js'
import { keepProbeFiles } from './probe-files.js'
import { HostReadiness } from './readiness.js'
import { refusedAtStart, waitsForAdapters } from './refusal.js'
import { openSpill } from './spill.js'
import { type StartedTelemetry, startTelemetry } from './telemetry.js'

/** A running host. */
export interface Host {
  /** Where proxies reach it, with real ports. */
  readonly addresses: readonly string[]
  /** undefined: it has no admin port. */
  readonly adminAddress: string | undefined
  /**
   * Opens everything: configuration first, then the doors, so that no request meets a host that knows nothing. When it
   * fails, `drain` must still be called. Resolves early when `drain` is called meanwhile.
   * @throws {CliError} `CLI_CONFIG_REFUSED`, `CLI_ADDRESS_IN_USE`, `CLI_BAD_OPTION`; an AddressError or TlsError
   */
  start(): Promise<void>
  /** Says that it is going, finishes what is under way within the time of `drainTimeout`, and closes everything. */
  drain(reason: string): Promise<void>
}

/** How soon the first configuration is tried again while its adapters are not up. */
const firstRetryMs = 1_000

/**
 * Makes a host; nothing is open yet.
 * @throws {CliError} `CLI_USAGE` without a configuration
 */
export async function createHost(
  shell: Shell,
  options: ServeOptions,
  reaching: Reaching = {},
): Promise<Host> {
  const { config } = options
  if (config === undefined)
    throw new CliError(
      'CLI_USAGE',
      'Cannot serve without a configuration: give --config FOLDER or OUTBOARD_CONFIG',
    )
  const started = await startTelemetry(shell, options)
  const hostId = randomUUID().slice(0, 8)
  const spill = await openSpill(shell.env, options, started.telemetry)
  const cache = await openCache(options, systemClock, started.telemetry, hostId)
  return new RunningHost(shell, options, config, { started, cache, spill, hostId, reaching })
}

interface HostParts {
  readonly started: StartedTelemetry
  readonly cache: AttributeCache | undefined
  readonly spill: Spill | undefined
  /** Tells this process from others; chosen by chance. */
  readonly hostId: string
  readonly reaching: Reaching
}

class RunningHost implements Host {
  addresses: readonly string[] = []
  readonly #options: ServeOptions
  readonly #started: StartedTelemetry
  readonly #engine: RunningEngine
  readonly #cache: AttributeCache | undefined
  readonly #spill: Spill | undefined
  readonly #configuration: LiveConfiguration
  readonly #readiness = new HostReadiness()
  #doors: Doors | undefined
  #admin: Admin | undefined
  #draining: string | undefined
  #drained: Promise<void> | undefined
  #removeProbeFiles: (() => Promise<void>) | undefined
  readonly #stopFaults: () => void

  constructor(
    shell: Shell,
    options: ServeOptions,
    config: string,
    { started, cache, spill, hostId: idPrefix, reaching }: HostParts,
  ) {
    const { telemetry } = started
    this.#stopFaults = shell.onFault((fault, error) => this.#faulted(shell, fault, error))
    const clock = systemClock
    const { placements, directory } = openPlacements({
      clock,
      telemetry,
      instance: idPrefix,
      reaching: { sessionCarrier: options.sessionCarrier, ...reaching },
    })
    this.#options = options
    this.#started = started
    this.#cache = cache
    this.#spill = spill
    this.#engine = createEngine({
      placements,
      clock,
      telemetry,
      cache: this.#cache,
      spill,
      idPrefix,
      options: {
        maxInFlight: options.maxInFlight,
        maxPerSecond: options.maxRequestsPerSecond,
        ...(options.burst > 0 ? { burst: options.burst } : {}),
        closeGraceMs: options.drainTimeout,
      },
    })
    this.#configuration = new LiveConfiguration({
      path: config,
      defaultNamespace: options.configDefaultNamespace,
      language: languageOverride(shell.env),
      adapters: builtinAdaptersOf(builtinAdapters.values()),
      directory,
      engine: this.#engine,
      clock,
      telemetry,
    })
  }

  get adminAddress(): string | undefined {
    return this.#admin?.address
  }

  async start(): Promise<void> {
    const { telemetry } = this.#started
    if (this.#options.admin !== noAdmin) this.#admin = await this.#openAdmin()
    this.#keepProbes()
    await this.#loadFirst()
    if (this.#draining !== undefined) return
    if (this.#options.watch === 'on') this.#configuration.watch()
    if (this.#draining !== undefined) return
    this.#doors = createDoors({
      engine: this.#engine,
      telemetry,
      clock: systemClock,
      ready: () => this.#ready().ready,
      options: doorsOptions(this.#options),
    })
    await this.#doors.listen()
    if (this.#draining !== undefined) return this.#doors.close()
    this.addresses = this.#doors.addresses
    telemetry.log.info('listening', { addresses: this.addresses, admin: this.adminAddress })
  }

  drain(reason: string): Promise<void> {
    this.#drained ??= this.#drain(reason)
    return this.#drained
  }

  async #drain(reason: string): Promise<void> {
    this.#draining = reason
    const { telemetry, stop } = this.#started
    const { drainDelay, drainTimeout: graceMs } = this.#options
    telemetry.log.info('draining', { reason, delayMs: drainDelay, graceMs })
    if (drainDelay > 0) await new Promise(resolve => setTimeout(resolve, drainDelay))
    const steps = new DrainSteps(telemetry.log, systemClock)
    await steps.take('doors', graceMs, () => this.#doors?.drain(graceMs))
    await steps.take('configuration', graceMs, () => this.#configuration.close())
    // Reports, and then the handlers that they are for, each within the grace.
    await steps.take('handlers', 2 * graceMs, () => this.#engine.close(graceMs))
    await steps.take('spill', graceMs, () => this.#spill?.close())
    this.#cache?.close()
    await steps.take('probe files', graceMs, () => this.#removeProbeFiles?.())
    await steps.take('telemetry', graceMs, stop)
    await steps.take('admin', graceMs, () => this.#admin?.close())
    telemetry.log.info('stopped', { reason })
    this.#stopFaults()
  }

  /**
   * An adapter inside this process may leave a promise unminded; that must not take the host down. After an exception
   * that reached nobody, nobody knows what is half done: the host drains, and ends as failed.
   */
  #faulted(shell: Shell, fault: 'unhandled rejection' | 'uncaught exception', error: unknown): void {
    const { telemetry } = this.#started
    telemetry.counter('outboard_faults_total', { fault }).add(1)
    const stack = error instanceof Error ? error.stack : undefined
    telemetry.log.error('fault', { fault, error, stack })
    if (fault === 'uncaught exception') void this.drain(fault).finally(() => shell.exitNow(1))
  }

  /** The first configuration must be right; one whose adapters are not up yet is waited for. */
  async #loadFirst(): Promise<void> {
    while (!(await this.#configuration.load())) {
      const { refusal } = this.#configuration
      if (!waitsForAdapters(refusal)) throw refusedAtStart(refusal, this.#options.config ?? '')
      await new Promise(resolve => setTimeout(resolve, firstRetryMs))
      if (this.#draining !== undefined) return
    }
  }

  #ready() {
    return this.#readiness.of({
      status: this.#engine.status(),
      doorsListening: this.addresses.length > 0,
      draining: this.#draining,
    })
  }

  async #openAdmin(): Promise<Admin> {
    const address = parseAdminAddress(this.#options.admin)
    const { telemetry } = this.#started
    try {
      return await openAdmin(
        {
          version: `outboard ${packageVersion()}`,
          metrics: () => renderPrometheus({ families: () => this.#families() }),
          readiness: () => this.#ready(),
          status: () => this.#status(),
          configProblems: () => this.#configuration.refusal,
          cache: this.#cacheControls(),
          log: telemetry.log,
        },
        address,
      )
    } catch (cause) {
      throw adminUnavailable(cause)
    }
  }

  *#families() {
    const { metrics } = this.#started.telemetry
    yield* metrics.families()
    yield* istioFamilies(metrics.families())
  }

  #status() {
    return {
      version: packageVersion(),
      ...this.#engine.status(),
      configuration: {
        path: this.#options.config,
        counts: this.#configuration.counts,
        problems: this.#configuration.refusal?.problemCount ?? 0,
      },
      doors: this.addresses.map(address => ({ name: 'grpc', address })),
      cache: this.#cache?.explain(),
      secondTier: this.#cache?.secondTier(),
    }
  }

  #cacheControls() {
    const cache = this.#cache
    if (cache === undefined) return undefined
    return cacheControls(cache, () => this.#engine.status().handlers.map(({ id }) => id))
  }

  #keepProbes(): void {
    const { livenessProbePath, readinessProbePath, probeInterval } = this.#options
    const files = [
      ...(livenessProbePath === undefined ? [] : [{ path: livenessProbePath, available: () => true }]),
      ...(readinessProbePath === undefined
        ? []
        : [{ path: readinessProbePath, available: () => this.#ready().ready }]),
    ]
    if (files.length > 0)
      this.#removeProbeFiles = keepProbeFiles(files, probeInterval, this.#started.telemetry)
  }
}
