import { encodeCheckRequest, encodeReportRequest } from '@outboard/adapters-sdk/client'
import { readAttributeSets } from '../../cli/mixer-client/attribute-file.js'
import { Fields } from '../process/fields.js'
import type { Api } from './answers.js'
import { authzRequestOf, encodeAuthzCheck } from './ext-authz.js'
import { type RequestFacts, standardFacts, type Variety } from './facts.js'
import { checkAttributes, reportAttributes } from './mixer.js'
import { readAuthzFile } from './request-file.js'

/** Which requests load consists of; plain data, so that it can be told to another process. */
export type Workload =
  /** The standard Check, or more or fewer attributes of it; each must be allowed. */
  | ({ readonly kind: 'standard'; readonly attributes: number } & Variety)
  /** Reports of so many attribute sets each. */
  | ({ readonly kind: 'report'; readonly batch: number } & Variety)
  /**
   * A share of the requests is from `users` users, the rest from ever new ones out of `coldUsers` more: what a cache of
   * limited size sees of a busy service.
   */
  | ({ readonly kind: 'mixed'; readonly hotShare: number; readonly coldUsers: number } & Variety)
  /** Requests from a file: attributes as `outboard check -f` takes them, or requests for ext-authz. Any verdict will do. */
  | { readonly kind: 'file'; readonly path: string }

/** One request, ready to be sent but for gRPC's prefix. */
export interface Prepared {
  readonly message: Buffer
  /** The code that its answer must have; undefined: any. */
  readonly expected: number | undefined
}

export const standardVariety: Variety = { distinct: 1_000, users: 100, seed: 1 }
export const standardWorkload = {
  kind: 'standard',
  attributes: 29,
  ...standardVariety,
} as const satisfies Workload

/**
 * Encodes the requests of a workload.
 * @throws {CliError} when a file cannot be read
 */
export function prepare(api: Api, workload: Workload): Prepared[] {
  switch (workload.kind) {
    case 'standard': {
      const encode =
        api === 'ext-authz'
          ? (facts: RequestFacts) => encodeAuthzCheck(authzRequestOf(facts))
          : (facts: RequestFacts) =>
              encodeCheckRequest({ attributes: checkAttributes(facts, workload.attributes) })
      return Array.from(standardFacts(workload), facts => ({ message: encode(facts), expected: 0 }))
    }
    case 'report': {
      const facts = [...standardFacts(workload)]
      const reports = Math.max(1, Math.floor(facts.length / workload.batch))
      return Array.from({ length: reports }, (_, i) => {
        const sets = facts.slice(i * workload.batch, (i + 1) * workload.batch).map(reportAttributes)
        return { message: encodeReportRequest({ sets }), expected: undefined }
      })
    }
    case 'mixed':
      return mixed(workload)
    case 'file':
      return api === 'ext-authz'
        ? readAuthzFile(workload.path).map(request => ({
            message: encodeAuthzCheck(request),
            expected: undefined,
          }))
        : readAttributeSets(workload.path).map(attributes => ({
            message: encodeCheckRequest({ attributes }),
            expected: undefined,
          }))
  }
}

/** Hot and cold requests, spread evenly. */
function mixed(workload: Workload & { kind: 'mixed' }): Prepared[] {
  const { distinct, users, coldUsers, hotShare, seed } = workload
  const encode = (variety: Variety) =>
    Array.from(standardFacts(variety), facts => ({
      message: encodeCheckRequest({ attributes: checkAttributes(facts) }),
      expected: 0,
    }))
  const hot = encode({ distinct: users, users, seed })
  // Users of the cold part have numbers behind those of the hot one.
  const cold = encode({ distinct: users + coldUsers, users: users + coldUsers, seed: seed + 1 }).slice(users)
  const requests: Prepared[] = []
  let coldSent = 0
  for (let i = 0; i < distinct; i++) {
    const coldDue = Math.round((i + 1) * (1 - hotShare))
    const next = coldSent < coldDue ? cold[coldSent++ % cold.length] : hot[i % hot.length]
    if (next !== undefined) requests.push(next)
  }
  return requests
}

/** A workload that another process told. @throws {FieldError} */
export function readWorkload(value: unknown): Workload {
  const fields = new Fields('a workload', value)
  const variety = () => ({
    distinct: fields.number('distinct'),
    users: fields.number('users'),
    seed: fields.number('seed'),
  })
  const kind = fields.text('kind')
  switch (kind) {
    case 'standard':
      return { kind, attributes: fields.number('attributes'), ...variety() }
    case 'report':
      return { kind, batch: fields.number('batch'), ...variety() }
    case 'mixed':
      return {
        kind,
        hotShare: fields.number('hotShare'),
        coldUsers: fields.number('coldUsers'),
        ...variety(),
      }
    case 'file':
      return { kind, path: fields.text('path') }
    default:
      throw new TypeError(`there is no workload "${kind}"`)
  }
}
