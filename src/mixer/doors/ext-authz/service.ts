import { Code } from '@outboard/adapters-sdk'
import { AttributeBag } from '../../attributes/index.js'
import type { Engine, Pinned, QuotaAsked } from '../../engine/api.js'
import type { Clock } from '../../engine/ports.js'
import type { Telemetry } from '../../telemetry/index.js'
import { MethodCounts } from '../counting.js'
import { Certificates } from '../envoy/certificate.js'
import { PerVocabulary } from '../per-vocabulary.js'
import { type Answer, type IncomingCall, Refusal, type Service } from '../service.js'
import { traceparentOf } from '../trace.js'
import { encodeDecision, encodeUndecided } from './answer.js'
import { AuthzAttributes, authzSlots } from './attributes.js'
import type { ResolvedExtAuthz } from './options.js'
import { decodeCheckRequest } from './request.js'

export interface ExtAuthzDoorOptions {
  readonly engine: Engine
  readonly telemetry: Telemetry
  readonly clock: Clock
  readonly options: ResolvedExtAuthz
}

const door = 'ext_authz'
const serviceName = 'envoy.service.auth.v3.Authorization'
const noQuotas: readonly QuotaAsked[] = []

/** The door for Envoy's external authorization, HTTP and network filter. */
export function extAuthzService({ engine, telemetry, clock, options }: ExtAuthzDoorOptions): Service {
  const slots = new PerVocabulary(authzSlots)
  const counts = new MethodCounts(telemetry, clock, door, 'Check')
  const dropped = telemetry.counter('door_attributes_dropped', { door, reason: 'bad_value' })
  const malformed = telemetry.counter('door_malformed', { door })
  const attributes = new AuthzAttributes(options, new Certificates(options.maxCertificates), name => {
    dropped.add(1)
    telemetry.log.warn('context_extension_refused', { door, attribute: name })
  })

  const answer = (message: Buffer, call: IncomingCall): Answer | Promise<Answer> => {
    const begun = counts.begin()
    const pinned = engine.pin()
    const facts = decodeCheckRequest(message)
    if ('malformed' in facts) {
      malformed.add(1)
      telemetry.log.warn('malformed_message', { door, why: facts.malformed, peer: call.peer })
      return counts.done(begun, new Refusal(Code.INVALID_ARGUMENT, `malformed message: ${facts.malformed}`))
    }
    if (facts.source === undefined && facts.http === undefined)
      telemetry.log.info('check_without_attributes', { door, peer: call.peer })
    const bag = new AttributeBag(pinned.vocabulary)
    attributes.fill(bag, slots.of(pinned.vocabulary), facts, {
      kind: call.metadata('outboard-reporter-kind'),
      uid: call.metadata('outboard-reporter-uid'),
      proxyVersion: call.metadata('outboard-proxy-version'),
    })
    pinned.addApiAttributes(bag)
    return pinned
      .check(bag, {
        door,
        deadline: call.deadline,
        traceparent: traceparentOf(call),
        deduplicationId: '',
        quotas: charged(pinned, bag),
        onCancel: call.onCancel,
      })
      .then(result =>
        counts.done(
          begun,
          result.kind === 'decided'
            ? encodeDecision(result, facts.http?.headers, options)
            : encodeUndecided(result, options),
        ),
      )
  }
  return { name: serviceName, methods: [{ kind: 'unary', path: `/${serviceName}/Check`, answer }] }
}

/** The quotas that configuration charges to this request: Envoy cannot name any. */
function charged(pinned: Pinned, bag: AttributeBag): readonly QuotaAsked[] {
  const charges = pinned.quotaCharges(bag)
  if (charges.size === 0) return noQuotas
  return [...charges].map(([name, amount]) => ({ name, amount, bestEffort: false }))
}
