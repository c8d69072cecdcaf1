export type { AdmissionOptions } from './admission.js'
export type {
  CheckAnswer,
  CheckRequest,
  Decided,
  Engine,
  Pinned,
  QuotaAnswer,
  QuotaAsked,
  ReportAnswer,
  ReportRequest,
  RequestContext,
  RouteDirective,
  Undecided,
} from './api.js'
export type { CacheScope, CheckCache, Evaluated, HandlerKey, TookPart } from './cache-port.js'
export { systemClock } from './clock.js'
export {
  createEngine,
  type EngineOptions,
  type EngineParts,
  type RunningEngine,
  type Swapped,
} from './engine.js'
export type { HandlerProblem } from './handler-table.js'
export type { EngineStatus, HandlerState } from './status.js'
