export type {
  AttributeReference,
  ClientAnswer,
  ClientHeaderOperation,
  Directive,
  Precondition,
  QuotaResult,
} from './answer.js'
export { decodeCheckResponse } from './answer-codec.js'
export { type Clock, monotonicClock } from './clock.js'
export { globalWords } from './dictionary.js'
export { type GrpcTransportOptions, grpcTransport } from './grpc-transport.js'
export { localReply } from './local-reply.js'
export { MixerClient } from './mixer-client.js'
export type { FailPolicy, MixerClientOptions } from './options.js'
export type { CheckOutcome, LocalReply } from './outcome.js'
export type { QuotaRequirement } from './quota-teller.js'
export {
  type ClientCheck,
  type ClientQuota,
  type ClientReport,
  encodeCheckRequest,
  encodeReportRequest,
} from './requests.js'
export type { MixerClientStatistics } from './statistics.js'
export type { RpcStatus, Transport, TransportAnswer, TransportCall } from './transport.js'
