import type { SettingsProblem } from './errors.js'

/**
 * The shape of an adapter's settings: it checks itself, fills in defaults, and documents itself.
 * Keys are accepted in camelCase and snake_case, as Istio's configuration does.
 */
export interface SettingsSchema<Settings> {
  /** The settings, complete with defaults, or every problem found. */
  resolve(raw: unknown): { readonly settings: Settings } | { readonly problems: readonly SettingsProblem[] }
  /** The schema as JSON Schema (draft 2020-12), for `adapter describe`, announcements and docs. */
  readonly jsonSchema: Readonly<Record<string, unknown>>
  /**
   * The protobuf message that Istio's unary services carry the settings as (`adapter.denier.config.Params`), when the
   * adapter has one: `decode` turns `adapter_config` bytes into raw settings for `resolve`.
   */
  readonly message?: { readonly fullName: string; decode(bytes: Uint8Array): unknown }
}
