import { checkServerIdentity, type PeerCertificate } from 'node:tls'
import { parseAlternativeNames } from './alternative-names.js'

/** Looks at a peer's certificate after its chain has been verified; an Error refuses the connection. */
export type PeerCheck = (host: string, certificate: PeerCertificate) => Error | undefined

/** Any one of the names must be in the certificate: a URI exactly, a DNS name by the usual rules. */
export function oneOfNames(names: readonly string[]): PeerCheck {
  return (_host, certificate) => {
    const { uris } = parseAlternativeNames(certificate.subjectaltname)
    const known = names.some(name =>
      name.includes('://') ? uris.includes(name) : checkServerIdentity(name, certificate) === undefined,
    )
    return known
      ? undefined
      : new Error(
          `the adapter's certificate carries ${certificate.subjectaltname ?? 'no alternative names'}, and none of ` +
            `the expected ${names.join(', ')}`,
        )
  }
}

/**
 * Istio's rule for mutual TLS: host and adapter share a SPIFFE identity, the host name does not matter.
 * Source: reference out-of-process-adapters, section 3.
 */
export function sharedIdentity(ownUris: readonly string[]): PeerCheck {
  return (_host, certificate) => {
    const { uris } = parseAlternativeNames(certificate.subjectaltname)
    if (uris.some(uri => ownUris.includes(uri))) return undefined
    return new Error(
      `the adapter's certificate carries ${uris.join(', ') || 'no URI'}, the host's own ${ownUris.join(', ') || 'none'}; ` +
        'one must be equal, or connection.peerNames must name the adapter',
    )
  }
}
