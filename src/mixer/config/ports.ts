import type { SettingsProblem, TemplateDefinition } from '@outboard/adapters-sdk'
import type { ConnectionSpec, HandlerSpec } from './handler-spec.js'

/** What the configuration needs to know of an adapter that this process can run. */
export interface BuiltinAdapter {
  readonly templates: readonly TemplateDefinition[]
  /** Everything wrong with settings (a handler's `params`; undefined when it has none), with paths below `params`. */
  check(settings: unknown): readonly SettingsProblem[]
  /**
   * The same for settings that `check` takes, beyond their shape and with the instances that rules send to the handler.
   * Opens nothing. Never rejects.
   */
  validate(settings: unknown, instances: HandlerSpec['instances']): Promise<readonly SettingsProblem[]>
}

/** The adapters that this process can run, by the name that `compiledAdapter` uses. A `Map` is one. */
export interface BuiltinAdapters {
  get(name: string): BuiltinAdapter | undefined
  keys(): Iterable<string>
}

/** What an adapter says of itself when it is asked. */
export interface Announcement {
  readonly name: string
  readonly version: string
  readonly description: string
  readonly templates: readonly TemplateDefinition[]
  /** JSON Schema of the settings. */
  readonly settingsSchema: Readonly<Record<string, unknown>>
}

/** Asks adapters at addresses what they are. */
export interface AdapterDirectory {
  /**
   * The adapter of a name, of those that a process at the address serves; without a name, the only one.
   * undefined: not reachable within the directory's own time limit, it does not announce itself, or it has no such
   * adapter. Never rejects.
   */
  announcement(connection: ConnectionSpec, name: string | undefined): Promise<Announcement | undefined>
}

/** A directory that knows nobody: for loading without a network. */
export const noDirectory: AdapterDirectory = { announcement: async () => undefined }
