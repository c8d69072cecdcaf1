import { systemClock } from '../../mixer/engine/index.js'
import { createPlacements } from '../../mixer/placements/index.js'
import { silent } from '../../mixer/telemetry/index.js'
import type { LocalForm } from '../host/compose.js'

/** How an adapter outside is reached. */
export type Transport = 'unix' | 'tcp'

/** One row of `bench placements`: a place where the adapter runs, and the way to it. */
export interface PlacementRow {
  readonly id: string
  readonly name: string
  /** `placement` of the handler's document. */
  readonly word: string
  readonly form: LocalForm
  /** undefined: inside the host. */
  readonly transport: Transport | undefined
}

/** The row that all ratios are taken to. */
export const referencePlacement = 'in-process'

/** Placements that reach another process. */
const remote: ReadonlySet<string> = new Set(['session', 'unary'])
/** Chooses one of the others. */
const choosing = 'auto'

/**
 * Every placement that a host offers, each by each way to it: a placement that is added to the host joins by itself, as one
 * inside it.
 */
export function placementRows(): PlacementRow[] {
  const { byName } = createPlacements(() => undefined, { clock: systemClock, telemetry: silent })
  return Object.keys(byName)
    .filter(name => name !== choosing)
    .flatMap(rowsOf)
}

/** The row of that id. @throws {TypeError} when there is none */
export function placementRow(id: string): PlacementRow {
  const found = placementRows().find(row => row.id === id)
  if (found === undefined) throw new TypeError(`there is no placement "${id}"`)
  return found
}

function rowsOf(name: string): PlacementRow[] {
  const word = name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
  if (remote.has(name))
    return [
      { id: `${name}-unix`, name: `${name}, Unix socket`, word, form: 'plain', transport: 'unix' },
      { id: `${name}-tcp`, name: `${name}, TCP`, word, form: 'plain', transport: 'tcp' },
    ]
  const title = name.replaceAll('-', ' ')
  const plain: PlacementRow = { id: name, name: title, word, form: 'plain', transport: undefined }
  if (name !== referencePlacement) return [plain]
  return [plain, { ...plain, id: `${name}-coded`, name: 'in process, encoded', form: 'coded' }]
}
