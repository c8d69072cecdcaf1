import { AdapterError, allow, deny, type Value, type Verdict } from '@outboard/adapters-sdk'
import { ipText } from '../values/ip.js'
import type { Entries } from './entries.js'

/** The entries to look in, or why there are none. */
export type ListInForce =
  | { readonly at: 'loaded'; readonly entries: Entries }
  | { readonly at: 'missing'; readonly reason: string }

/** How answers about a list are given. */
export interface ListPolicy {
  /** `true`: what is on the list is denied. `false`: what is not. */
  readonly blacklist: boolean
  /** Holds for denials and for unusable values, too. */
  readonly caching: { readonly validForMs: number; readonly validUses: number }
}

/** The verdict on one value. Without a list there is none: the answer is failed, never an allow. */
export function checkValue(value: Value | undefined, list: ListInForce, policy: ListPolicy): Verdict {
  const text = listedText(value)
  if (text === undefined || text === '') {
    return deny('INVALID_ARGUMENT', `${describe(value)} cannot be looked up in a list`, policy.caching)
  }
  if (list.at === 'missing') {
    return { kind: 'failed', error: new AdapterError('ADAPTER_UNAVAILABLE', list.reason) }
  }
  switch (list.entries.find(text)) {
    case 'unusable':
      return deny('INVALID_ARGUMENT', `${text} is not an IP address`, policy.caching)
    case 'yes':
      return policy.blacklist
        ? deny('PERMISSION_DENIED', `${text} is blacklisted`, policy.caching)
        : allow(policy.caching)
    case 'no':
      return policy.blacklist
        ? allow(policy.caching)
        : deny('PERMISSION_DENIED', `${text} is not whitelisted`, policy.caching)
  }
}

/** Texts as they are, addresses in text form; undefined for what lists do not hold. */
function listedText(value: Value | undefined): string | undefined {
  switch (value?.type) {
    case 'STRING':
    case 'EMAIL_ADDRESS':
    case 'URI':
    case 'DNS_NAME':
      return value.value
    case 'IP_ADDRESS':
      return ipText(value.value)
    case 'INT64':
    case 'DOUBLE':
    case 'BOOL':
    case 'TIMESTAMP':
    case 'DURATION':
    case 'STRING_MAP':
    case undefined:
      return undefined
  }
}

function describe(value: Value | undefined): string {
  if (value === undefined) return 'a missing value'
  return value.type === 'STRING' ? 'an empty text' : `a value of type ${value.type}`
}
