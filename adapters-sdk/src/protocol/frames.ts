import type { AdapterErrorCode, SettingsProblem } from '../errors.js'
import type { Grant, QuotaRequest } from '../grant.js'
import type { Allow, Deny } from '../verdict.js'
import type { Limits } from './limits.js'

/** The gRPC method of a session. */
export const sessionMethodPath = '/outboard.adapter.v1.AdapterSession/Open'

/** The protocol version that this code speaks. */
export const protocolVersion = 1

/** What this code can do beyond the basics. A feature is used when both hellos name it. */
export const knownFeatures: readonly string[] = ['invalidate', 'log']

/** Opens the session; the host's first frame. */
export interface HostHello {
  readonly kind: 'hello'
  /** The protocol versions that the host speaks, both ends included. */
  readonly versionMin: number
  readonly versionMax: number
  /** The host's name, version, and the identity of this process, for logs. */
  readonly name: string
  readonly version: string
  readonly instance: string
  readonly features: readonly string[]
  readonly limits: Limits
}

/** A template that the adapter process serves; calls refer to it by number. */
export interface AnnouncedTemplate {
  readonly number: number
  readonly name: string
  /** `google.protobuf.FileDescriptorSet`, as in Istio's `template` documents, with imports. */
  readonly descriptorSet: Uint8Array
}

/** One adapter of the process. */
export interface AnnouncedAdapter {
  readonly name: string
  readonly version: string
  readonly description: string
  /** Numbers of {@link AnnouncedTemplate}s. */
  readonly templates: readonly number[]
  /** JSON Schema (draft 2020-12) of the settings, as JSON text. */
  readonly settingsSchema: string
}

/** The adapter's answer to the host's hello. */
export interface AdapterHello {
  readonly kind: 'hello'
  /** The version chosen from the host's. */
  readonly protocol: number
  /** The adapter process: name, version, identity. */
  readonly name: string
  readonly version: string
  readonly instance: string
  readonly features: readonly string[]
  readonly limits: Limits
  /** Calls that the host may make before it gets more credit. */
  readonly credits: number
  readonly templates: readonly AnnouncedTemplate[]
  readonly adapters: readonly AnnouncedAdapter[]
}

/** A handler of a session: its number, and which settings of it. The pair is used once in a session. */
export interface HandlerRef {
  readonly handler: number
  readonly generation: number
}

/** Opens a handler. A second generation opens beside the first; the host removes the first when it wants. */
export interface Configure extends HandlerRef {
  readonly kind: 'configure'
  /** The handler's name in the host's configuration. */
  readonly id: string
  /** Which adapter; empty when the process has only one. */
  readonly adapter: string
  /** JSON text; empty means none were given. */
  readonly settings: string
  readonly instances: readonly { readonly name: string; readonly template: string }[]
}

/** Takes a handler away. Its calls under way are finished first. */
export interface Remove extends HandlerRef {
  readonly kind: 'remove'
}

/** The settings were taken: calls may come. */
export interface Ready extends HandlerRef {
  readonly kind: 'ready'
}

/** The settings were not taken. */
export interface Refused extends HandlerRef {
  readonly kind: 'refused'
  readonly problems: readonly SettingsProblem[]
  /** `true`: nothing is wrong with the settings; opening failed now and may succeed later. */
  readonly retryable: boolean
}

/** A removed handler has been closed. */
export interface Removed extends HandlerRef {
  readonly kind: 'removed'
}

/** What a call asks for. `unknown`: a verb of a later version; answered with a failure. */
export type Verb = 'check' | 'quota' | 'report' | 'produce' | 'unknown'

/** One question. */
export interface WireCall extends HandlerRef {
  /** Greater than every id before it in this session; 1 to 2^53 - 1. */
  readonly id: number
  /** Number of an announced template. */
  readonly template: number
  readonly verb: Verb
  /** Milliseconds from now; 0: no deadline. */
  readonly deadlineMs: number
  readonly dedupId: string
  /** W3C trace context; empty: not traced. */
  readonly traceparent: string
  /** `InstanceMsg` bytes: one, or for a report one or more. */
  readonly instances: readonly Uint8Array[]
  /** Set when the verb is `quota`. */
  readonly quota: QuotaRequest | undefined
}

export interface Calls {
  readonly kind: 'calls'
  readonly calls: readonly WireCall[]
}

/** One answer. Each call gets exactly one, cancelled or not. */
export type WireResult =
  | {
      readonly kind: 'verdict'
      readonly id: number
      /** Its own `output` is empty. */
      readonly verdict: Allow | Deny
      /** `OutputMsg` bytes of a check-with-output template, not empty; undefined: none. */
      readonly output: Uint8Array | undefined
    }
  | { readonly kind: 'grant'; readonly id: number; readonly grant: Exclude<Grant, { kind: 'failed' }> }
  | { readonly kind: 'reported'; readonly id: number }
  | {
      readonly kind: 'produced'
      readonly id: number
      /** `OutputMsg` bytes. */
      readonly output: Uint8Array
      /** Milliseconds; undefined: no opinion. */
      readonly validForMs: number | undefined
    }
  | {
      readonly kind: 'failed'
      readonly id: number
      readonly code: AdapterErrorCode
      readonly message: string
    }

export interface Results {
  readonly kind: 'results'
  readonly results: readonly WireResult[]
  /** Further calls that the host may make. */
  readonly credits: number
}

/** Further calls that the host may make, when no results are on their way. */
export interface Credit {
  readonly kind: 'credit'
  readonly credits: number
}

/** Nobody waits for these calls any more. Each still gets its result. Ids that have theirs are ignored. */
export interface Cancel {
  readonly kind: 'cancel'
  readonly ids: readonly number[]
}

export interface Ping {
  readonly kind: 'ping'
  readonly nonce: number
}

export interface Pong {
  readonly kind: 'pong'
  readonly nonce: number
}

/**
 * From the adapter: make no new calls here, what is under way will be answered. From the host: no new calls will come.
 * When the last result is out, the adapter closes the session. Safe to send twice.
 */
export interface Drain {
  readonly kind: 'drain'
  readonly reason: string
}

/** Answers no longer hold: all of the handler's (every generation), or those given under one of the keys. */
export interface Invalidate {
  readonly kind: 'invalidate'
  readonly handler: number
  /** Empty: everything. */
  readonly keys: readonly string[]
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** A line for the host's log. */
export interface Log {
  readonly kind: 'log'
  /** 0: not of one handler. */
  readonly handler: number
  readonly level: LogLevel
  readonly message: string
  /** Lines dropped before this one, because of the rate. */
  readonly dropped: number
}

/** The last frame. `code` is `OK`, `DRAINED`, `SHUTDOWN` or a ProtocolErrorCode; others may come in later versions. */
export interface Close {
  readonly kind: 'close'
  readonly code: string
  readonly message: string
}

/** What a host sends. */
export type HostFrame = HostHello | Configure | Remove | Calls | Cancel | Ping | Pong | Drain | Close

/** What an adapter sends. */
export type AdapterFrame =
  | AdapterHello
  | Ready
  | Refused
  | Removed
  | Results
  | Credit
  | Ping
  | Pong
  | Drain
  | Invalidate
  | Log
  | Close
