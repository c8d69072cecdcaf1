import type { SettingsProblem } from '@outboard/adapters-sdk'
import type { HandlerDocument } from '../decode/handler.js'
import type { HandlerSpec } from '../handler-spec.js'
import type { BuiltinAdapter } from '../ports.js'
import { placeOf, stepsOf } from '../source/node.js'
import type { Place } from '../source/place.js'
import type { Turns } from '../turns.js'

/** Where a field of a handler's settings stands, by its path as adapters write it. */
export function settingsPlace({ envelope, params }: HandlerDocument, path: string): Place {
  return placeOf(params ?? envelope.spec, stepsOf(path))
}

/** Reports what a built-in adapter refuses of a handler's settings. */
export function reportSettings(
  document: HandlerDocument,
  adapter: string,
  problems: readonly SettingsProblem[],
): void {
  for (const { path, message } of problems)
    document.envelope.report.problem(
      'CONFIG_SETTINGS_INVALID',
      settingsPlace(document, path),
      `Cannot open the handler: the adapter ${adapter} refuses its params${path === '' ? '' : ` at ${path}`}: ${message}`,
      `correct the params; docs/adapters lists what ${adapter} takes`,
    )
}

/** What validating needs of a handler's draft. */
interface Draft {
  readonly id: string
  readonly document: HandlerDocument
  readonly adapter: string
  readonly settings: unknown
  /** The built-in adapter, when it takes the shape of the settings. */
  readonly validator: BuiltinAdapter | undefined
}

/**
 * Asks the built-in adapters about settings whose shape is right, now that it is known which instances go where. Also
 * about handlers that nothing names: mistakes show early.
 */
export async function validateSettings(
  drafts: Iterable<Draft>,
  linked: ReadonlyMap<string, HandlerSpec>,
  turns: Turns,
): Promise<void> {
  for (const { id, document, adapter, settings, validator } of drafts) {
    if (validator === undefined) continue
    reportSettings(document, adapter, await validator.validate(settings, linked.get(id)?.instances ?? []))
    const others = turns.due()
    if (others !== undefined) await others
  }
}
