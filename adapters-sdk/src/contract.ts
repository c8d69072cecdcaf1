import type { Grant, QuotaRequest } from './grant.js'
import type { Timestamp, Value } from './values.js'
import type { Verdict } from './verdict.js'

/** What a field of an instance holds; the shapes are listed at `FieldType`. */
export type FieldValue =
  | string
  | boolean
  | number
  | bigint
  | Uint8Array
  | Timestamp
  | Value
  | FieldRecord
  | readonly FieldValue[]

/**
 * A plain record of fields by their `.proto` names, or of the entries of a map. A field that was not configured is not there.
 * Maps of values are frozen: one that came before is the same object, which can stand for what was made of it.
 */
export interface FieldRecord {
  readonly [field: string]: FieldValue | undefined
}

/** One filled-in question. Plain data, always encodable. */
export interface Instance {
  /** Fully qualified: `name.instance.namespace`. */
  readonly name: string
  /** The template's name, for example `listentry`. */
  readonly template: string
  readonly fields: FieldRecord
}

/** The circumstances of one call. */
export interface Call {
  /** Identifies the call; equal on retries. For quotas the caller's own deduplication id. */
  readonly dedupId: string
  /** Milliseconds since the epoch; `Infinity` when nobody set one. */
  readonly deadline: number
  /** W3C trace context of the span that asks; undefined when the request is not traced. */
  readonly traceparent: string | undefined
  /** Aborts at the deadline or when the caller has gone. Made on first use. */
  readonly signal: AbortSignal
}

/**
 * An adapter opened with settings, ready to be asked. A handler implements the verbs of its templates' varieties;
 * the base made by `defineAdapter` refuses the others. A throw or a rejection becomes a failed verdict.
 */
export interface Handler {
  check(instance: Instance, call: Call): Promise<Verdict>
  quota(instance: Instance, request: QuotaRequest, call: Call): Promise<Grant>
  report(instances: readonly Instance[], call: Call): Promise<void>
  produce(instance: Instance, call: Call): Promise<Produced>
  /** Waits for calls under way; safe twice. */
  close(): Promise<void>
}

/** What an attribute-producing handler answers: output fields by name, and how long they hold. */
export interface Produced {
  readonly output: Readonly<Record<string, Value>>
  /** Milliseconds; absent: no opinion. */
  readonly validForMs?: number | undefined
}
