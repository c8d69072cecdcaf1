export { AdapterSession, type SessionEnd } from '../session/adapter-session.js'
export { HandlerPool, type HandlerPoolOptions } from '../session/handler-pool.js'
export {
  type ResolvedSessionOptions,
  resolveSessionOptions,
  type SessionOptions,
} from '../session/options.js'
export type { FramePipe } from '../session/outbox.js'
export { AdapterProcess } from '../session/process.js'
export { decodeAdapterFrame, encodeAdapterFrame } from './adapter-frames.js'
export { type Added, CallBatch, ResultBatch } from './batch.js'
export { CallTable } from './call-table.js'
export { ProtocolError, type ProtocolErrorCode, protocolErrorCodes } from './errors.js'
export {
  type AdapterFrame,
  type AdapterHello,
  type AnnouncedAdapter,
  type AnnouncedTemplate,
  type Calls,
  type Cancel,
  type Close,
  type Configure,
  type Credit,
  type Drain,
  type HandlerRef,
  type HostFrame,
  type HostHello,
  type Invalidate,
  knownFeatures,
  type Log,
  type LogLevel,
  type Ping,
  type Pong,
  protocolVersion,
  type Ready,
  type Refused,
  type Remove,
  type Removed,
  type Results,
  sessionMethodPath,
  type Verb,
  type WireCall,
  type WireResult,
} from './frames.js'
export { decodeHostFrame, encodeHostFrame } from './host-frames.js'
export { defaultLimits, type Limits, largestLimit, limitFields, resolveLimits } from './limits.js'
export { FrameSplitter, socketFeature, socketFrame, socketUpgrade, writeFrame } from './socket-framing.js'
export { SocketReads } from './socket-reads.js'
