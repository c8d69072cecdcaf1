import type { Grant } from '../grant.js'
import { WireWriter, writeDuration, writeTexts } from '../templates/index.js'
import type { Allow, Caching, Deny, DirectResponse } from '../verdict.js'

// Istio's answers. Source: reference wire-adapter-model, section 2; wire-policy-config, section 1.

const directResponseUrl = 'type.googleapis.com/istio.policy.v1beta1.DirectHttpResponse'
const maxUses = 0x7fffffff

/** `CheckResult` of a verdict. Header operations, metadata and cache keys have no place in it. */
export function checkResult(verdict: Allow | Deny): Uint8Array {
  const writer = new WireWriter()
  writeCheckResult(writer, verdict)
  return writer.finish()
}

/** `Handle…Response` of a check-with-output template. */
export function checkWithOutput(verdict: Allow | Deny, output: Uint8Array): Uint8Array {
  const writer = new WireWriter()
  writer.uint32(0x0a)
  const start = writer.begin()
  writeCheckResult(writer, verdict)
  writer.end(start)
  writer.uint32(0x12)
  writer.bytes(output)
  return writer.finish()
}

/** `QuotaResult`, an entry for each name. */
export function quotaResult(grants: ReadonlyMap<string, Exclude<Grant, { kind: 'failed' }>>): Uint8Array {
  const writer = new WireWriter()
  for (const [name, grant] of grants) {
    writer.uint32(0x0a)
    const entry = writer.begin()
    writer.uint32(0x0a)
    writer.string(name)
    writer.uint32(0x12)
    const result = writer.begin()
    if (grant.validForMs > 0) {
      writer.uint32(0x12)
      writeDuration(writer, nanoseconds(grant.validForMs))
    }
    if (grant.kind === 'granted') {
      if (grant.amount !== 0n) {
        writer.uint32(0x18)
        writer.int64(grant.amount)
      }
    } else {
      writer.uint32(0x22)
      writeStatus(writer, grant.code, grant.message, undefined)
    }
    writer.end(result)
    writer.end(entry)
  }
  return writer.finish()
}

function writeCheckResult(writer: WireWriter, verdict: Allow | Deny): void {
  if (verdict.kind === 'deny') {
    writer.uint32(0x0a)
    writeStatus(writer, verdict.code, verdict.message, verdict.direct)
  }
  const { forMs, uses } = cachingNumbers(verdict.caching)
  if (forMs > 0) {
    writer.uint32(0x12)
    writeDuration(writer, nanoseconds(forMs))
  }
  if (uses !== 0) {
    writer.uint32(0x18)
    writer.int64(uses)
  }
}

/**
 * The two numbers that Istio has for the three kinds of caching: nothing at all is "no opinion" to its hosts, so that
 * "do not cache" needs one use with no time to use it in.
 */
function cachingNumbers(caching: Caching): { readonly forMs: number; readonly uses: number } {
  switch (caching.kind) {
    case 'no-opinion':
      return { forMs: 0, uses: 0 }
    case 'do-not-cache':
      return { forMs: 0, uses: 1 }
    case 'valid': {
      const uses = caching.uses < 0 ? -1 : Math.min(caching.uses, maxUses)
      return caching.forMs > 0 || uses !== 0 ? { forMs: caching.forMs, uses } : { forMs: 0, uses: 1 }
    }
  }
}

function writeStatus(
  writer: WireWriter,
  code: number,
  message: string,
  direct: DirectResponse | undefined,
): void {
  const status = writer.begin()
  writer.uint32(0x08)
  writer.int64(code)
  if (message !== '') {
    writer.uint32(0x12)
    writer.string(message)
  }
  if (direct !== undefined) {
    writer.uint32(0x1a)
    const detail = writer.begin()
    writer.uint32(0x0a)
    writer.string(directResponseUrl)
    writer.uint32(0x12)
    writeDirect(writer, direct)
    writer.end(detail)
  }
  writer.end(status)
}

/** `DirectHttpResponse`. Its headers are a map: of a name that stands several times, the last value stays. */
function writeDirect(writer: WireWriter, direct: DirectResponse): void {
  const start = writer.begin()
  if (direct.httpStatus !== 0) {
    writer.uint32(0x08)
    writer.int64(direct.httpStatus)
  }
  if (direct.body !== '') {
    writer.uint32(0x12)
    writer.string(direct.body)
  }
  writeTexts(writer, 0x1a, new Map(direct.headers))
  writer.end(start)
}

function nanoseconds(ms: number): bigint {
  return BigInt(Math.floor(Math.min(ms, 315_576_000_000_000))) * 1_000_000n
}
