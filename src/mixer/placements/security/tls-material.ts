import { createHash, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls'
import type { AuthenticationSpec } from '../../engine/ports.js'
import { failure, messageOf } from '../failure.js'
import { parseAlternativeNames } from './alternative-names.js'

/** Where Debian keeps the system's roots; upstream looks nowhere else. */
const systemBundle = '/etc/ssl/certs/ca-certificates.crt'

/** The files of one connection, read together, so that a rotation never mixes an old key with a new certificate. */
export interface TlsMaterial {
  /** Equal fingerprint, equal files. */
  readonly fingerprint: string
  readonly context: SecureContext
  /** URIs in our own certificate; empty when we show none. */
  readonly ownUris: readonly string[]
}

/** The system's roots, read once: they are large, and change with the machine's packages, not with a mesh's keys. */
let systemRoots: string | undefined

/**
 * Reads the files that an authentication names. Files that did not change cost a read and a hash; `before` is kept.
 * @throws {AdapterError} `ADAPTER_UNAVAILABLE`, naming the file that cannot be read or used.
 */
export function readTlsMaterial(
  authentication: Exclude<AuthenticationSpec, { kind: 'none' }>,
  before: TlsMaterial | undefined,
): TlsMaterial {
  const own = authentication.caCertificates
  const ca = own === undefined ? undefined : read('caCertificates', own)
  const key = authentication.kind === 'mutual' ? read('privateKey', authentication.privateKey) : undefined
  const cert =
    authentication.kind === 'mutual' ? read('clientCertificate', authentication.clientCertificate) : undefined
  const hash = createHash('sha256')
  for (const part of [ca, key, cert]) hash.update(`${part?.length ?? -1}:`).update(part ?? '')
  const fingerprint = hash.digest('base64url')
  if (fingerprint === before?.fingerprint) return before
  try {
    return {
      fingerprint,
      context: createSecureContext({ ca: ca === undefined ? [roots()] : [roots(), ca], key, cert }),
      ownUris: cert === undefined ? [] : parseAlternativeNames(new X509Certificate(cert).subjectAltName).uris,
    }
  } catch (cause) {
    const files = [own, authentication.kind === 'mutual' ? authentication.clientCertificate : undefined]
    throw failure(
      'ADAPTER_UNAVAILABLE',
      `Cannot use the certificates in ${files.filter(file => file !== undefined).join(', ')}: ${messageOf(cause)}`,
      cause,
    )
  }
}

function read(field: string, path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (cause) {
    throw failure(
      'ADAPTER_UNAVAILABLE',
      `Cannot read authentication.${field} "${path}": ${messageOf(cause)}`,
      cause,
    )
  }
}

function roots(): string {
  if (systemRoots === undefined) {
    try {
      systemRoots = readFileSync(systemBundle, 'utf8')
    } catch {
      systemRoots = rootCertificates.join('\n') // no bundle on this machine: the runtime's own
    }
  }
  return systemRoots
}
