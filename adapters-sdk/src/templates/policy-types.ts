import type { ValueType } from '../values.js'

/** The message types of `istio.policy.v1beta1` that stand for one value, by their short names. */
export const policyTypes = {
  IPAddress: 'IP_ADDRESS',
  TimeStamp: 'TIMESTAMP',
  Duration: 'DURATION',
  DNSName: 'DNS_NAME',
  EmailAddress: 'EMAIL_ADDRESS',
  Uri: 'URI',
  StringMap: 'STRING_MAP',
} as const satisfies Readonly<Record<string, ValueType>>

/** The short name of a wrapping message type. */
export type PolicyTypeName = keyof typeof policyTypes

/** The package of the policy types. */
export const policyPackage = 'istio.policy.v1beta1'

/** The package of the adapter model: results, requests, and the options of template files. */
export const modelPackage = 'istio.mixer.adapter.model.v1beta1'

/** The wrapping type that carries a kind of value, or undefined: the others stand bare. */
export function policyTypeName(type: ValueType): PolicyTypeName | undefined {
  switch (type) {
    case 'IP_ADDRESS':
      return 'IPAddress'
    case 'TIMESTAMP':
      return 'TimeStamp'
    case 'DURATION':
      return 'Duration'
    case 'DNS_NAME':
      return 'DNSName'
    case 'EMAIL_ADDRESS':
      return 'EmailAddress'
    case 'URI':
      return 'Uri'
    case 'STRING_MAP':
      return 'StringMap'
    case 'STRING':
    case 'INT64':
    case 'DOUBLE':
    case 'BOOL':
      return undefined
  }
}

const byFullName = new Map<string, ValueType>(
  Object.entries(policyTypes).map(([name, type]) => [`${policyPackage}.${name}`, type]),
)

/** The kind of value that a message type wraps, by the type's full name. */
export function wrappedType(fullName: string): ValueType | undefined {
  return byFullName.get(fullName)
}

/** The kind of value of `google.protobuf.Duration` and `Timestamp`, by the type's full name. */
export function wellknownType(fullName: string): 'DURATION' | 'TIMESTAMP' | undefined {
  if (fullName === 'google.protobuf.Duration') return 'DURATION'
  return fullName === 'google.protobuf.Timestamp' ? 'TIMESTAMP' : undefined
}
