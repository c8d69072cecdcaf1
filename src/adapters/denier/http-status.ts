import { type Field, settings } from '@outboard/adapters-sdk'

/** The names of HTTP statuses. Source: `istio.policy.v1beta1.HttpStatusCode`. */
const httpStatusCodes = {
  Empty: 0,
  Continue: 100,
  OK: 200,
  Created: 201,
  Accepted: 202,
  NonAuthoritativeInformation: 203,
  NoContent: 204,
  ResetContent: 205,
  PartialContent: 206,
  MultiStatus: 207,
  AlreadyReported: 208,
  IMUsed: 226,
  MultipleChoices: 300,
  MovedPermanently: 301,
  Found: 302,
  SeeOther: 303,
  NotModified: 304,
  UseProxy: 305,
  TemporaryRedirect: 307,
  PermanentRedirect: 308,
  BadRequest: 400,
  Unauthorized: 401,
  PaymentRequired: 402,
  Forbidden: 403,
  NotFound: 404,
  MethodNotAllowed: 405,
  NotAcceptable: 406,
  ProxyAuthenticationRequired: 407,
  RequestTimeout: 408,
  Conflict: 409,
  Gone: 410,
  LengthRequired: 411,
  PreconditionFailed: 412,
  PayloadTooLarge: 413,
  URITooLong: 414,
  UnsupportedMediaType: 415,
  RangeNotSatisfiable: 416,
  ExpectationFailed: 417,
  MisdirectedRequest: 421,
  UnprocessableEntity: 422,
  Locked: 423,
  FailedDependency: 424,
  UpgradeRequired: 426,
  PreconditionRequired: 428,
  TooManyRequests: 429,
  RequestHeaderFieldsTooLarge: 431,
  InternalServerError: 500,
  NotImplemented: 501,
  BadGateway: 502,
  ServiceUnavailable: 503,
  GatewayTimeout: 504,
  HTTPVersionNotSupported: 505,
  VariantAlsoNegotiates: 506,
  InsufficientStorage: 507,
  LoopDetected: 508,
  NotExtended: 510,
  NetworkAuthenticationRequired: 511,
} as const

const named = settings.enumeration(httpStatusCodes)
const numbered = settings.integer({
  field: 1,
  default: 0,
  check: code => (code === 0 || (code >= 200 && code <= 599) ? undefined : 'must be 0 or from 200 to 599'),
  description: 'HTTP status, by number or name (`Forbidden`); 0: derived from the code of the denial',
})

/** An HTTP status, written as a number (also one that has no name) or by its name, as in protobuf's JSON form. */
export const httpStatus: Field<number> = {
  ...numbered,
  typeName: 'integer or name',
  jsonSchema: {
    ...numbered.jsonSchema,
    type: ['integer', 'string'],
  },
  resolve(raw, path, problems) {
    if (typeof raw !== 'string' || /^\d+$/.test(raw)) return numbered.resolve(raw, path, problems)
    const name = named.resolve(raw, path, problems)
    return typeof name === 'symbol' ? name : numbered.resolve(httpStatusCodes[name], path, problems)
  },
}
