import { type ServiceError, status } from '@grpc/grpc-js'
import type { AdapterError, AdapterErrorCode } from '@outboard/adapters-sdk'
import { failure } from '../failure.js'

/** What a gRPC error means for a call. `sent: false`: the adapter has not seen it. */
export interface GrpcFailure {
  readonly error: AdapterError
  readonly sent: boolean
  /** Whether another adapter might answer. */
  readonly elsewhere: boolean
}

/** Reads a gRPC error. An adapter says no in a `CheckResult`; an RPC error always means that there is no answer. */
export function grpcFailure(error: ServiceError, method: string): GrpcFailure {
  const neverSent = /^(No connection established|Name resolution failed|Channel has been shut down)/
  const sent = !neverSent.test(error.details)
  const code = codeFor(error)
  return {
    error: failure(code, `${method} failed: ${status[error.code] ?? error.code}: ${error.details}`, error),
    sent,
    elsewhere:
      code === 'ADAPTER_UNAVAILABLE' || code === 'ADAPTER_OVERLOADED' || code === 'ADAPTER_UNCONFIGURED',
  }
}

function codeFor(error: ServiceError): AdapterErrorCode {
  switch (error.code) {
    case status.DEADLINE_EXCEEDED:
      return 'ADAPTER_TIMEOUT'
    case status.CANCELLED:
    case status.UNAVAILABLE:
    case status.UNAUTHENTICATED:
    case status.PERMISSION_DENIED:
      return 'ADAPTER_UNAVAILABLE'
    case status.RESOURCE_EXHAUSTED:
      // grpc-js says so of an answer above our own bound; otherwise the adapter said it of itself.
      return /larger than max/.test(error.details) ? 'ADAPTER_LIMIT' : 'ADAPTER_OVERLOADED'
    case status.UNIMPLEMENTED:
      return 'ADAPTER_UNCONFIGURED'
    default:
      return 'ADAPTER_CRASHED'
  }
}
