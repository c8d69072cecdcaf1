import type { ValueType } from './values.js'

/** When a template's instances are asked. Source: `istio.mixer.adapter.model.v1beta1.TemplateVariety`. */
export type Variety = 'CHECK' | 'REPORT' | 'QUOTA' | 'ATTRIBUTE_GENERATOR' | 'CHECK_WITH_OUTPUT'

/** The scalar types of proto3. */
export type ScalarType =
  | 'string'
  | 'bytes'
  | 'bool'
  | 'double'
  | 'float'
  | 'int32'
  | 'int64'
  | 'uint32'
  | 'uint64'
  | 'sint32'
  | 'sint64'
  | 'fixed32'
  | 'fixed64'
  | 'sfixed32'
  | 'sfixed64'

/**
 * What a field of a template's message holds, and what a plain record has in its place:
 * - `scalar`: `string`, `boolean`, `Uint8Array`, `number` (double, float), `bigint` (all integers)
 * - `enum`: `bigint`
 * - `value` (`istio.policy.v1beta1.Value`): a {@link Value}
 * - `wrapped` (the policy types IPAddress, TimeStamp, Duration, DNSName, EmailAddress, Uri, StringMap): the bare value
 *   of that type, as in {@link Value}
 * - `wellknown` (`google.protobuf.Duration`, `Timestamp`): `bigint` nanoseconds, {@link Timestamp}
 * - `message`: a record; `map` (keys are strings): a record; `repeated`: an array
 */
export type FieldType =
  | { readonly kind: 'scalar'; readonly scalar: ScalarType }
  | { readonly kind: 'enum'; readonly fullName: string; readonly values: ReadonlyMap<string, number> }
  | { readonly kind: 'value' }
  | { readonly kind: 'wrapped'; readonly valueType: ValueType }
  | { readonly kind: 'wellknown'; readonly valueType: 'DURATION' | 'TIMESTAMP' }
  /** A function, because messages may contain themselves. */
  | { readonly kind: 'message'; readonly shape: () => MessageShape }
  | { readonly kind: 'map'; readonly value: FieldType }
  | { readonly kind: 'repeated'; readonly item: FieldType }

export interface FieldShape {
  /** As in the `.proto` file; also the key in plain records. */
  readonly name: string
  readonly jsonName: string
  readonly number: number
  readonly type: FieldType
}

export interface MessageShape {
  readonly fullName: string
  /** Ascending by number. For `InstanceMsg`, without its field `name` (72295727). */
  readonly fields: readonly FieldShape[]
}

/** A kind of question: its fields, its variety, and the unary service that Istio's adapters serve it with. */
export interface TemplateDefinition {
  /** `template_name`, for example `listentry`. */
  readonly name: string
  /** The wire package, for example `listentry`. */
  readonly packageName: string
  readonly variety: Variety
  /** For example `/listentry.HandleListEntryService/HandleListEntry`. */
  readonly methodPath: string
  readonly instance: MessageShape
  /** `OutputMsg`; only ATTRIBUTE_GENERATOR and CHECK_WITH_OUTPUT. */
  readonly output: MessageShape | undefined
}

/** The number of `InstanceMsg.name`. Source: reference wire-adapter-model, section 1. */
export const instanceNameField = 72295727
