import {
  type Adapter,
  allow,
  defineAdapter,
  deny,
  type FieldRecord,
  type FieldValue,
  type Instance,
  SettingsError,
  settings,
} from '@outboard/adapters-sdk'
import { writeDown } from './journal.js'

/** What a test says to an adapter process. */
export type ToAdapter = { readonly kind: 'slow'; readonly ms: number } | { readonly kind: 'tell' }

/** What an adapter process knows of itself. */
export interface AdapterFacts {
  /** Checks that came. */
  readonly checks: number
  /** Checks that are not answered yet. */
  readonly underWay: number
}

/** A report is answered this long after it was written down, so that a kill finds some in between, milliseconds. */
const answerAfterMs = 20

/** The adapter of the suite, and what a test may ask of it. */
export class ChaosAdapter {
  readonly adapter: Adapter
  #slowMs = 0
  #checks = 0
  #underWay = 0

  constructor(version: string, journal: string) {
    this.adapter = defineAdapter({
      name: 'chaos',
      version,
      description: 'Denies paths that begin with /deny, and writes reports down.',
      templates: ['listentry', 'metric'],
      settings: settings.object({
        note: settings.string({ default: '', description: 'Anything; "refuse me" is refused' }),
      }),
      open: given => {
        if (given.note === 'refuse me') throw new SettingsError([{ path: 'note', message: 'it said so' }])
        return {
          check: instance => this.#check(instance),
          report: async (instances, call) => {
            writeDown(journal, { dedupId: call.dedupId, ids: instances.map(reportId) })
            await pause(Math.max(answerAfterMs, this.#slowMs))
          },
        }
      },
    })
  }

  get facts(): AdapterFacts {
    return { checks: this.#checks, underWay: this.#underWay }
  }

  slow(ms: number): void {
    this.#slowMs = ms
  }

  async #check({ fields }: Instance) {
    const path = text(fields.value)
    this.#checks += 1
    this.#underWay += 1
    if (this.#slowMs > 0) await pause(this.#slowMs)
    this.#underWay -= 1
    // Never kept, so that each check is asked; the denial names what it is about, so that crossed answers show.
    return path.startsWith('/deny')
      ? deny('PERMISSION_DENIED', `no ${path}`, { doNotCache: true })
      : allow({ doNotCache: true })
  }
}

function pause(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}

function reportId({ fields }: Instance): string {
  const { dimensions } = fields
  return isRecord(dimensions) ? text(field(dimensions, 'id')) : 'no id'
}

function field(record: FieldRecord, name: string): FieldValue | undefined {
  return record[name]
}

/** The text inside a `Value` field. */
function text(value: FieldValue | undefined): string {
  return isRecord(value) && typeof value.value === 'string' ? value.value : 'no text'
}

function isRecord(value: FieldValue | undefined): value is FieldRecord {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
  )
}
