import type { Call, Handler, Instance, Produced } from './contract.js'
import type { Grant, QuotaRequest } from './grant.js'
import type { SettingsSchema } from './settings.js'
import type { TemplateDefinition } from './template.js'
import type { Verdict } from './verdict.js'

/** What a handler can ask of whoever runs it, in any placement. */
export interface AdapterHost {
  /** The handler's name in the host's configuration, `name.handler.namespace`. */
  readonly handler: string
  /** The instances that rules send here, so that settings which name instances can be checked. */
  readonly instances: readonly { readonly name: string; readonly template: string }[]
  readonly now: () => number
  /** A line for the host's log; rate-limited. Never write secrets. */
  log(level: 'debug' | 'info' | 'warn' | 'error', message: string): void
  /** Withdraws answers: all of this handler's, or those given with `key` among their `cacheKeys`. */
  invalidate(key?: string): void
}

/** The verbs that an author implements; only those of the adapter's templates are needed. */
export interface HandlerVerbs {
  check?(instance: Instance, call: Call): Promise<Verdict> | Verdict
  quota?(instance: Instance, request: QuotaRequest, call: Call): Promise<Grant> | Grant
  report?(instances: readonly Instance[], call: Call): Promise<void> | void
  produce?(instance: Instance, call: Call): Promise<Produced> | Produced
  close?(): Promise<void> | void
}

/** What an author writes once; it runs in every placement. */
export interface AdapterDefinition<Settings = unknown> {
  /** A DNS label, for example `denier`. */
  readonly name: string
  readonly version: string
  readonly description: string
  /** Templates by built-in name or definition. */
  readonly templates: readonly (string | TemplateDefinition)[]
  readonly settings: SettingsSchema<Settings>
  /**
   * Checks what one field's definition cannot say, and what depends on the instances that rules send here. Called before
   * `open`, and by tools that open nothing: without effects, and without a look at files or the network. Throw
   * `SettingsError` to refuse the settings.
   */
  validate?(settings: Settings, instances: AdapterHost['instances']): Promise<void> | void
  /** Opens a handler. Throw `SettingsError` to refuse the settings. */
  open(settings: Settings, host: AdapterHost): Promise<HandlerVerbs> | HandlerVerbs
}

/** An adapter that can be opened: what `defineAdapter` returns. */
export interface Adapter {
  readonly name: string
  readonly version: string
  readonly description: string
  readonly templates: readonly TemplateDefinition[]
  readonly settings: SettingsSchema<unknown>
  /**
   * Checks the raw settings (the `params` of a handler document, as JSON-like data) as far as that is possible without
   * opening a handler. What it takes, `open` may still refuse: a file that is not there, a port that is taken.
   * @throws {SettingsError} with a path for each problem.
   */
  validate(rawSettings: unknown, instances: AdapterHost['instances']): Promise<void>
  /**
   * Validates the raw settings and opens a handler.
   * @throws {SettingsError} with a path for each problem.
   */
  open(rawSettings: unknown, host: AdapterHost): Promise<Handler>
}
