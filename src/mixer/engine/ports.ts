import type {
  AdapterError,
  FieldRecord,
  Grant,
  Handler,
  Instance,
  Produced,
  QuotaRequest,
  SettingsProblem,
  TemplateDefinition,
  Verdict,
} from '@outboard/adapters-sdk'
import type { HandlerSpec } from '../config/handler-spec.js'

export type { AuthenticationSpec, ConnectionSpec, HandlerSpec, TokenSpec } from '../config/handler-spec.js'

/** A question on its way to a handler: the plain record or the bytes, whichever the placement takes. */
export interface Question {
  /** `name.instance.namespace`. */
  readonly instanceName: string
  readonly template: TemplateDefinition
  /** Set when the placed handler's `form` is `record`. */
  readonly record: Instance | undefined
  /** `InstanceMsg` bytes. Set when the placed handler's `form` is `bytes`, or when a cache asked for them. */
  readonly bytes: Uint8Array | undefined
}

/** What the engine tells a placement about a call. */
export interface Asking {
  readonly dedupId: string
  /** Milliseconds since the epoch. Always finite: the guard's deadline, or the caller's when that is earlier. */
  readonly deadline: number
  readonly traceparent: string | undefined
  /** Called at most once, when the caller has gone or the guard stopped waiting; a placement may cancel. */
  readonly onCancel: CancelHook | undefined
}

/** Lets the engine tell a placement that nobody waits any more, without an AbortSignal per call. */
export interface CancelHook {
  /** The placement's reaction; set by the placement. */
  cancelled: (() => void) | undefined
}

/**
 * A handler that a placement has opened. It never rejects: what went wrong is a value. It keeps to no deadline of
 * its own except to free what it holds; the guard stops waiting.
 */
export interface PlacedHandler {
  readonly form: 'record' | 'bytes'
  check(question: Question, asking: Asking): Promise<Verdict>
  quota(question: Question, request: QuotaRequest, asking: Asking): Promise<Grant>
  /** All questions are of one template. undefined: delivered. */
  report(questions: readonly Question[], asking: Asking): Promise<AdapterError | undefined>
  produce(question: Question, asking: Asking): Promise<Produced | AdapterError>
  status(): HandlerStatus
  /** Waits for calls under way, at most `graceMs`; then lets go of everything. Safe twice. */
  close(graceMs: number): Promise<void>
}

/** One endpoint of a handler. `in-process` handlers have one, always ready. */
export interface EndpointStatus {
  readonly address: string
  readonly state: 'connecting' | 'ready' | 'degraded' | 'draining' | 'down'
  /** Why it is in this state, for people. */
  readonly reason: string
  readonly inFlight: number
  /** Milliseconds since the epoch. */
  readonly since: number
}

export interface HandlerStatus {
  readonly placement: string
  readonly endpoints: readonly EndpointStatus[]
}

/** What a placement needs of the host. */
export interface HostServices {
  readonly clock: Clock
  /** A handler withdrew answers: all of them, or those under a key. */
  invalidated(handler: string, key: string | undefined): void
  /** A handler's adapter could not tell for a while which answers it withdrew: any of them may hold no longer. */
  doubted(handler: string): void
  /** An adapter's own message; the host limits the rate. */
  adapterLog(handler: string, level: 'debug' | 'info' | 'warn' | 'error', message: string): void
}

/** Opens handlers somewhere. One for each word that an operator can write as `placement`. */
export interface Placement {
  readonly name: string
  /**
   * Opens a handler. Settings that the adapter refuses are `refused` (the snapshot does not go live). An adapter that
   * cannot be reached is not an error here: the handler is opened, and is `connecting` until it can.
   */
  open(spec: HandlerSpec, host: HostServices): Promise<Opened>
}

export type Opened =
  | { readonly kind: 'opened'; readonly handler: PlacedHandler }
  | { readonly kind: 'refused'; readonly problems: readonly SettingsProblem[] }

/** What an adapter said of itself in the session's hello. */
export interface Announcement {
  readonly name: string
  readonly version: string
  readonly description: string
  readonly templates: readonly TemplateDefinition[]
  /** JSON Schema of the settings. */
  readonly settingsSchema: Readonly<Record<string, unknown>>
}

/** Reports of one template that go to an adapter together. */
export interface ReportBatch {
  /** Its deduplication id: the same at each try, over restarts of the host, too. */
  readonly id: string
  readonly questions: readonly Question[]
}

/** A batch that was kept, taken out to be delivered. It ends with one of the two. */
export interface KeptBatch extends ReportBatch {
  /** It need not be kept any more. */
  done(): void
  /** It goes back to its place. */
  putBack(): void
}

/** Keeps batches of one handler's reports that memory has no room for. Nothing here rejects. */
export interface ReportStore {
  /** Instances that are kept. */
  readonly size: number
  /** Names of the templates that batches wait of. */
  templates(): readonly string[]
  /** Whether a batch of a template waits. */
  has(template: string): boolean
  /** Whether a batch of about so many bytes may be kept. */
  hasRoom(bytes: number): boolean
  /** Keeps a batch behind all others of its template. Its questions have bytes. */
  keep(template: string, batch: ReportBatch): Promise<'kept' | 'failed'>
  /** Takes out the oldest one of a template; undefined when none is left that can be read. */
  take(template: TemplateDefinition): Promise<KeptBatch | undefined>
  /** Tells whenever a batch waits that did not before. The answer stops it. */
  onKept(told: () => void): () => void
}

/** Where reports are kept; one store for each handler, by its id. */
export interface ReportSpill {
  of(handler: string): ReportStore
}

/** Time as an argument. `now` is milliseconds since the epoch, never going back. */
export interface Clock {
  now(): number
  /** Calls back once, not before `delayMs`; the answer cancels. Does not keep the process alive. */
  after(delayMs: number, callback: () => void): () => void
}

export type { FieldRecord, Handler }
