/**
 * The eleven kinds of value that attributes, instance fields and produced attributes can hold.
 * Source: `istio.policy.v1beta1.ValueType` and `Value`.
 */
export const valueTypes = [
  'STRING',
  'INT64',
  'DOUBLE',
  'BOOL',
  'TIMESTAMP',
  'IP_ADDRESS',
  'EMAIL_ADDRESS',
  'URI',
  'DNS_NAME',
  'DURATION',
  'STRING_MAP',
] as const

/** The name of a kind of value, as Istio's configuration writes it. */
export type ValueType = (typeof valueTypes)[number]

/** An instant: whole seconds since 1970-01-01T00:00Z (may be negative) and 0..999,999,999 nanoseconds after it. */
export interface Timestamp {
  readonly seconds: number
  readonly nanos: number
}

/** A value that says what it is. 64-bit integers are `bigint`, so that none loses a digit. */
export type Value =
  | { readonly type: 'STRING'; readonly value: string }
  | { readonly type: 'INT64'; readonly value: bigint }
  | { readonly type: 'DOUBLE'; readonly value: number }
  | { readonly type: 'BOOL'; readonly value: boolean }
  | { readonly type: 'TIMESTAMP'; readonly value: Timestamp }
  /** 4 or 16 bytes, network order. */
  | { readonly type: 'IP_ADDRESS'; readonly value: Uint8Array }
  | { readonly type: 'EMAIL_ADDRESS'; readonly value: string }
  | { readonly type: 'URI'; readonly value: string }
  | { readonly type: 'DNS_NAME'; readonly value: string }
  /** Nanoseconds, signed 64 bits. */
  | { readonly type: 'DURATION'; readonly value: bigint }
  | { readonly type: 'STRING_MAP'; readonly value: Readonly<Record<string, string>> }

/** Attributes by name, as an attribute-producing handler returns them. A field that is not there is absent. */
export type AttributeValues = Readonly<Record<string, Value>>
