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
  api: Exclude<Api, 'echo'>,
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
          : wrongCode(messageField(precondition, 1), expected)
      }
      case 'ext-authz':
        return wrongCode(messageField(answer, 1), expected)
      case 'mixer-report':
        return undefined
    }
  } catch (error) {
    return `the answer cannot be decoded: ${String(error)}`
  }
}

function wrongCode(status: Uint8Array | undefined, expected: number | undefined): string | undefined {
  if (expected === undefined) return undefined
  const { code, message } = status === undefined ? { code: 0, message: '' } : readStatus(status)
  return code === expected ? undefined : `the answer's code is ${code} (${message}), not ${expected}`
}

/** `google.rpc.Status`. */
function readStatus(status: Uint8Array): { code: number; message: string } {
  const reader = protobuf.Reader.create(status)
  const read = { code: 0, message: '' }
  while (reader.pos < reader.len) {
    const tag = reader.uint32()
    if (tag === 8) read.code = reader.int32()
    else if (tag === 18) read.message = reader.string()
    else reader.skipType(tag & 7)
  }
  return read
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
