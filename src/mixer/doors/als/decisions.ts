import type { AttributeBag } from '../../attributes/index.js'
import { put, type Slots } from '../envoy/slots.js'
import type { JsonObject } from '../envoy/struct.js'

/** Where Envoy keeps the dynamic metadata of our own check: its HTTP filter, and its network filter. */
export const extAuthzNamespaces: ReadonlySet<string> = new Set([
  'envoy.filters.http.ext_authz',
  'envoy.filters.network.ext_authz',
])
/** And that of its RBAC filter. */
export const rbacNamespace = 'envoy.filters.http.rbac'

export const policyForms = {
  'check.error_code': 'int64',
  'check.error_message': 'string',
  'check.cache_hit': 'bool',
  'rbac.permissive.response_code': 'string',
  'rbac.permissive.effective_policy_id': 'string',
} as const

type PolicySlots = Slots<keyof typeof policyForms>

/** What our own check told of its decision (see ext-authz/answer.ts); code and message of denials only, as Istio did. */
export function fillDecision(bag: AttributeBag, slots: PolicySlots, decision: JsonObject): void {
  const { code, message, from_cache: fromCache } = decision
  if (typeof code === 'number' && Number.isSafeInteger(code) && code !== 0) {
    put(bag, slots['check.error_code'], code)
    if (typeof message === 'string') put(bag, slots['check.error_message'], message)
  }
  if (typeof fromCache === 'boolean') put(bag, slots['check.cache_hit'], fromCache)
}

export function fillRbac(bag: AttributeBag, slots: PolicySlots, shadow: JsonObject): void {
  const { shadow_engine_result: result, shadow_effective_policy_id: policy } = shadow
  if (typeof result === 'string') put(bag, slots['rbac.permissive.response_code'], result)
  if (typeof policy === 'string') put(bag, slots['rbac.permissive.effective_policy_id'], policy)
}
