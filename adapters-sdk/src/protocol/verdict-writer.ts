import type { Allow, Deny, DirectResponse, HeaderOperation, Metadata } from '../verdict.js'
import { cachingNumbers, onNames, operationNames } from './verdict-numbers.js'
import type { FrameWriter } from './writer.js'

/** Appends a `Verdict` as field `field`. `output`: the bytes of an output message. */
export function writeVerdict(
  writer: FrameWriter,
  field: number,
  verdict: Allow | Deny,
  output: Uint8Array | undefined,
): void {
  const start = writer.begin(field)
  if (verdict.kind === 'deny') {
    writer.uint(1, verdict.code)
    writer.string(2, verdict.message)
  }
  const caching = verdict.caching
  writer.uint(3, cachingNumbers[caching.kind])
  if (caching.kind === 'valid') {
    writer.uint(4, Math.floor(caching.forMs))
    writer.uint(5, caching.uses < 0 ? 1 : caching.uses * 2)
  }
  if (verdict.kind === 'deny') {
    if (verdict.direct !== undefined) writeDirect(writer, verdict.direct)
  } else {
    for (const operation of verdict.headers) writeOperation(writer, operation)
  }
  writeMetadata(writer, verdict.metadata)
  if (output !== undefined && output.length > 0) writer.bytes(9, output)
  for (const key of verdict.cacheKeys) writer.stringAlways(10, key)
  writer.end(start)
}

function writeDirect(writer: FrameWriter, direct: DirectResponse): void {
  const start = writer.begin(6)
  writer.uint(1, direct.httpStatus)
  writer.string(2, direct.body)
  for (const [name, value] of direct.headers) {
    const header = writer.begin(3)
    writer.string(1, name)
    writer.string(2, value)
    writer.end(header)
  }
  writer.end(start)
}

function writeOperation(writer: FrameWriter, operation: HeaderOperation): void {
  const start = writer.begin(7)
  writer.uint(1, onNames.indexOf(operation.on))
  writer.uint(2, operationNames.indexOf(operation.operation))
  writer.string(3, operation.name)
  writer.string(4, operation.value)
  writer.end(start)
}

function writeMetadata(writer: FrameWriter, metadata: Metadata): void {
  for (const name in metadata) {
    const value = metadata[name]
    if (value === undefined) continue
    const start = writer.begin(8)
    writer.string(1, name)
    if (typeof value === 'string') writer.stringAlways(2, value)
    else if (typeof value === 'number') writer.double(3, value)
    else {
      writer.varint(32)
      writer.varint(value ? 1 : 0)
    }
    writer.end(start)
  }
}
