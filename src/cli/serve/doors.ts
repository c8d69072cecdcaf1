import type { DoorsOptions } from '../../mixer/doors/index.js'
import { CliError } from '../errors.js'
import type { ServeOptions } from './option-table.js'

/** What the doors need of the host's options: every door on each address. @throws {CliError} `CLI_BAD_OPTION` */
export function doorsOptions(options: ServeOptions): DoorsOptions {
  const { envoyJwtPayloadKey: jwtPayloadKey, envoyRetryAfter, envoyWwwAuthenticate } = options
  const jwt = jwtPayloadKey === undefined ? {} : { jwtPayloadKey }
  return {
    listeners: options.address.split(',').map(address => listener(address.trim(), options)),
    server: options.doorServer,
    extAuthz: {
      undecided: options.envoyUndecided,
      cacheFacts: options.envoyCacheFacts,
      forwardedHops: options.envoyForwardedHops,
      forwardedCertificate: options.envoyForwardedCertificate,
      reporterKind: options.envoyReporterKind,
      apiKeyHeader: options.envoyApiKeyHeader,
      ...jwt,
      ...(envoyRetryAfter !== undefined && { retryAfterSeconds: envoyRetryAfter }),
      ...(envoyWwwAuthenticate !== undefined && { wwwAuthenticate: envoyWwwAuthenticate }),
    },
    als: {
      entries: options.envoyLogEntries,
      reporterKind: options.envoyReporterKind,
      reporterKinds: options.envoyLogReporterKind,
      ...jwt,
    },
  }
}

function listener(address: string, options: ServeOptions) {
  const { tlsCert, tlsKey, tlsClientCa, maxMessageSize, maxConcurrentStreams, maxConnections } = options
  const limits = { maxMessageBytes: maxMessageSize, maxConcurrentStreams, maxConnections }
  if (tlsCert === undefined && tlsKey === undefined && tlsClientCa === undefined)
    return { address, ...limits }
  if (tlsCert === undefined || tlsKey === undefined)
    throw new CliError('CLI_BAD_OPTION', 'TLS needs both --tls-cert and --tls-key')
  const client =
    tlsClientCa === undefined
      ? {}
      : { clientAuthorityFile: tlsClientCa, clientCertificate: 'required' as const }
  return { address, ...limits, tls: { certificateFile: tlsCert, privateKeyFile: tlsKey, ...client } }
}
