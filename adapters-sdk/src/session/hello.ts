import { encodeAdapterFrame } from '../protocol/adapter-frames.js'
import { ProtocolError } from '../protocol/errors.js'
import { type AdapterHello, type HostHello, protocolVersion } from '../protocol/frames.js'
import { smallestFrameBytes } from '../protocol/limits.js'
import type { ResolvedSessionOptions } from './options.js'
import type { AdapterProcess } from './process.js'

/**
 * The adapter's answer to a host's hello.
 * @throws {ProtocolError} `PROTOCOL_VERSION`; `PROTOCOL_LIMIT` when the host's frames are too small
 */
export function answerTo(
  host: HostHello,
  process: AdapterProcess,
  options: ResolvedSessionOptions,
): AdapterHello {
  if (host.versionMin > protocolVersion || host.versionMax < protocolVersion) {
    throw new ProtocolError(
      'PROTOCOL_VERSION',
      `The host speaks versions ${host.versionMin} to ${host.versionMax}; this adapter speaks ${protocolVersion}`,
    )
  }
  const { name, version, instance, features, limits, credits } = options
  const { templates, announced: adapters } = process
  const hello: AdapterHello = {
    kind: 'hello',
    protocol: protocolVersion,
    name,
    version,
    instance,
    features,
    limits,
    credits,
    templates,
    adapters,
  }
  refuseSmallFrames(host.limits.frameBytes, hello)
  return hello
}

/** @throws {ProtocolError} `PROTOCOL_LIMIT` when the host's frames are too small for what has to be sent. */
function refuseSmallFrames(frameBytes: number, hello: AdapterHello): void {
  if (frameBytes < smallestFrameBytes) {
    throw new ProtocolError(
      'PROTOCOL_LIMIT',
      `The host takes frames of ${frameBytes} bytes; a session needs ${smallestFrameBytes}`,
    )
  }
  const { length } = encodeAdapterFrame(hello)
  if (length <= frameBytes) return
  throw new ProtocolError(
    'PROTOCOL_LIMIT',
    `The host takes frames of ${frameBytes} bytes; the hello has ${length}`,
  )
}
