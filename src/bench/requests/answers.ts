import protobuf from 'protobufjs'

/** The services that load can be put on. `mixer-report` has no verdict; `echo` answers what it was sent. */
export const apis = ['mixer', 'ext-authz', 'mixer-report', 'echo'] as const
export type Api = (typeof apis)[number]

/** The path of each one's method. */
export const pathOf: Readonly<Record<Api, string>> = {
  mixer: '/istio.mixer.v1.Mixer/Check',
  'mixer-report': '/istio.mixer.v1.Mixer/Report',
  'ext-authz': '/envoy.service.auth.v3.Authorization/Check',
  echo: '/outboard.bench.Echo/Echo',
}

/**
 * What is wrong with an answer; undefined: nothing. As little of it is decoded as that takes.
 * `expected`: the `google.rpc.Code` of the verdict; undefined: any verdict will do.
 */
export function judge(
  api: Api,
  request: Buffer,
  answer: Buffer,
  expected: number | undefined,
): string | undefined {
  try {
    switch (api) {
      case 'mixer': {
        // CheckResponse.precondition is field 2, its status field 1.
        const precondition = messageField(answer, 2)
        return precondition === undefined
          ? 'the answer has no precondition'
          : wrongCode(statusCode(messageField(precondition, 1)), expected)
      }
      case 'ext-authz':
        return wrongCode(statusCode(messageField(answer, 1)), expected)
      case 'mixer-report':
        return undefined
      case 'echo':
        // The request is framed: five bytes, and what must come back.
        return answer.length + 5 === request.length && answer.equals(request.subarray(5))
          ? undefined
          : 'the echo differs'
    }
  } catch (error) {
    return `the answer cannot be decoded: ${String(error)}`
  }
}

function wrongCode(code: number, expected: number | undefined): string | undefined {
  return expected === undefined || code === expected
    ? undefined
    : `the answer's code is ${code}, not ${expected}`
}

/** `google.rpc.Status.code`; 0 when there is none. */
function statusCode(status: Uint8Array | undefined): number {
  if (status === undefined) return 0
  const reader = protobuf.Reader.create(status)
  while (reader.pos < reader.len) {
    const tag = reader.uint32()
    if (tag === 8) return reader.int32()
    reader.skipType(tag & 7)
  }
  return 0
}

/** The bytes of the first field of that number. */
function messageField(message: Uint8Array, field: number): Uint8Array | undefined {
  const reader = protobuf.Reader.create(message)
  while (reader.pos < reader.len) {
    const tag = reader.uint32()
    if (tag === ((field << 3) | 2)) return reader.bytes()
    reader.skipType(tag & 7)
  }
  return undefined
}
