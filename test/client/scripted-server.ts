import { globalWords, type Transport, type TransportAnswer } from '@outboard/adapters-sdk/client'
import { decode, encode } from '../doors/protos.js'

/** What the server says, as fields of CheckResponse; or a status of gRPC; or nothing at all. */
export type Said =
  | { readonly answer: Record<string, unknown> }
  | { readonly status: { readonly code: number; readonly message: string } }
  | 'nothing'

/** A check as the server sees it. */
export interface Seen {
  readonly attributes: ReadonlyMap<string, string>
  readonly globalWordCount: number
  readonly deduplicationId: string
  readonly quotas: Readonly<Record<string, { readonly amount: string; readonly best_effort: boolean }>>
}

/** A server that a test writes, spoken to in bytes that protobufjs reads and writes. */
export class ScriptedServer implements Transport {
  readonly checks: Seen[] = []
  readonly reports: Record<string, unknown>[] = []
  closed = 0
  /** Signals of the calls, in order. */
  readonly signals: AbortSignal[] = []
  #held: (() => void)[] = []
  #holding = false

  constructor(
    private readonly onCheck: (seen: Seen, nth: number) => Said = () => ({ answer: verdict() }),
    private readonly onReport: (nth: number) => Said = () => ({ answer: {} }),
  ) {}

  /** From now on answers wait for `release`. */
  hold(): void {
    this.#holding = true
  }

  release(): void {
    this.#holding = false
    for (const go of this.#held.splice(0)) go()
  }

  async check(bytes: Uint8Array, { signal }: { signal: AbortSignal }): Promise<TransportAnswer> {
    this.signals.push(signal)
    const seen = seenOf(decode('istio.mixer.v1.CheckRequest', bytes))
    this.checks.push(seen)
    const nth = this.checks.length
    await this.#turn()
    return this.#said('istio.mixer.v1.CheckResponse', this.onCheck(seen, nth))
  }

  async report(bytes: Uint8Array, { signal }: { signal: AbortSignal }): Promise<TransportAnswer> {
    this.signals.push(signal)
    const nth = this.reports.push(decode('istio.mixer.v1.ReportRequest', bytes))
    await this.#turn()
    return this.#said('istio.mixer.v1.ReportResponse', this.onReport(nth))
  }

  close(): void {
    this.closed++
  }

  #turn(): Promise<void> {
    return this.#holding ? new Promise(resolve => this.#held.push(resolve)) : Promise.resolve()
  }

  #said(type: string, said: Said): Promise<TransportAnswer> {
    if (said === 'nothing') return new Promise(() => {})
    if ('status' in said) return Promise.resolve({ kind: 'failed', status: said.status })
    return Promise.resolve({ kind: 'answer', bytes: encode(type, said.answer) })
  }
}

interface Reference {
  readonly name: string
  readonly key?: string
  readonly condition?: 'ABSENCE' | 'EXACT' | 'REGEX'
}

/** `ReferencedAttributes`, every word in the message. */
export function referenced(...references: Reference[]): Record<string, unknown> {
  const words: string[] = []
  const index = (word: string) => -words.push(word)
  const matches = references.map(({ name, key, condition = 'EXACT' }) => ({
    name: index(name),
    ...(key === undefined ? {} : { map_key: index(key) }),
    condition: { ABSENCE: 1, EXACT: 2, REGEX: 3 }[condition],
  }))
  return { words, attribute_matches: matches }
}

/** A CheckResponse: allowed, for ten seconds, for any number of uses, whatever the attributes. */
export function verdict(precondition: Record<string, unknown> = {}, quotas = {}): Record<string, unknown> {
  return {
    precondition: {
      status: {},
      valid_duration: { seconds: 10 },
      valid_use_count: -1,
      referenced_attributes: referenced(),
      ...precondition,
    },
    quotas,
  }
}

function seenOf(message: Record<string, unknown>): Seen {
  const attributes = (message.attributes ?? {}) as Record<string, Record<string, unknown>>
  const own = (attributes.words ?? []) as unknown as string[]
  const word = (index: number) => (index < 0 ? own[-index - 1] : globalWords[index]) ?? '?'
  const found = new Map<string, string>()
  for (const [kind, entries] of Object.entries(attributes)) {
    if (kind === 'words') continue
    for (const [name, value] of Object.entries(entries))
      found.set(
        word(Number(name)),
        kind === 'strings' ? word(Number(value)) : kind === 'string_maps' ? map(value, word) : String(value),
      )
  }
  return {
    attributes: found,
    globalWordCount: Number(message.global_word_count ?? 0),
    deduplicationId: String(message.deduplication_id ?? ''),
    quotas: (message.quotas ?? {}) as Seen['quotas'],
  }
}

function map(value: unknown, word: (index: number) => string): string {
  const { entries = {} } = value as { entries?: Record<string, number> }
  return Object.entries(entries)
    .map(([key, one]) => `${word(Number(key))}=${word(one)}`)
    .sort()
    .join(';')
}
