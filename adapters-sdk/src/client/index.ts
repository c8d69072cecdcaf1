export type {
  AttributeReference,
  ClientAnswer,
  ClientHeaderOperation,
  Directive,
  Precondition,
  QuotaResult,
} from './answer.js'
export { decodeCheckResponse } from './answer-codec.js'
export { globalWords } from './dictionary.js'
export {
  type ClientCheck,
  type ClientQuota,
  type ClientReport,
  encodeCheckRequest,
  encodeReportRequest,
} from './requests.js'
