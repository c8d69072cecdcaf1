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

/** Contexts by what they were made of; one with the system's roots takes some 50 ms to make. The oldest goes first. */
const known = new Map<string, TlsMaterial>()
const maxKnown = 32

/**
 * Reads the files that an authentication names. Files that did not change cost a read and a hash.
 * @throws {AdapterError} `ADAPTER_UNAVAILABLE`, naming the file that cannot be read or used.
 */
export function readTlsMaterial(authentication: Exclude<AuthenticationSpec, { kind: 'none' }>): TlsMaterial {
  const files = readFiles(authentication)
  const hash = createHash('sha256').update(authentication.kind)
  for (const part of [files.ca, files.key, files.cert])
    hash.update(`${part?.length ?? -1}:`).update(part ?? '')
  const fingerprint = hash.digest('base64url')
  const before = known.get(fingerprint)
  if (before !== undefined) return before
  try {
    const { ca, key, cert } = files
    const made: TlsMaterial = {
      fingerprint,
      context: createSecureContext({ ca: trusted(authentication.kind, ca), key, cert }),
      ownUris: cert === undefined ? [] : parseAlternativeNames(new X509Certificate(cert).subjectAltName).uris,
    }
    const [oldest] = known.keys()
    if (known.size >= maxKnown && oldest !== undefined) known.delete(oldest)
    known.set(fingerprint, made)
    return made
  } catch (cause) {
    const named = [authentication.caCertificates]
    if (authentication.kind === 'mutual') named.push(authentication.clientCertificate)
    const list = named.filter(file => file !== undefined).join(', ')
    throw failure('ADAPTER_UNAVAILABLE', `Cannot use the certificates in ${list}: ${messageOf(cause)}`, cause)
  }
}

interface Files {
  readonly ca: Buffer | undefined
  readonly key: Buffer | undefined
  readonly cert: Buffer | undefined
}

function readFiles(authentication: Exclude<AuthenticationSpec, { kind: 'none' }>): Files {
  const own = authentication.caCertificates
  const ca = own === undefined ? undefined : read('caCertificates', own)
  if (authentication.kind === 'tls') return { ca, key: undefined, cert: undefined }
  const key = read('privateKey', authentication.privateKey)
  return { ca, key, cert: read('clientCertificate', authentication.clientCertificate) }
}

/**
 * Whom we trust. For `tls` as upstream: the system's roots, and those given. For `mutual` only those given: identities
 * come from the mesh's own authority, and its certificates rotate often, where reading the system's roots would stop
 * the event loop each time.
 */
function trusted(kind: 'tls' | 'mutual', given: Buffer | undefined): (string | Buffer)[] {
  if (given === undefined) return [roots()]
  return kind === 'mutual' ? [given] : [roots(), given]
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
