import { isIP } from 'node:net'
import { checkServerIdentity, type SecureContext } from 'node:tls'
import { type ChannelCredentials, type ChannelOptions, credentials as grpcCredentials } from '@grpc/grpc-js'
import type { SettingsProblem } from '@outboard/adapters-sdk'
import type { AuthenticationSpec, Clock, ConnectionSpec } from '../../engine/ports.js'
import { isLoopback } from '../endpoints/target.js'
import { messageOf } from '../failure.js'
import { OAuthToken } from './oauth-token.js'
import { oneOfNames, type PeerCheck, sharedIdentity } from './peer-check.js'
import { readTlsMaterial, type TlsMaterial } from './tls-material.js'
import type { TokenSource } from './token.js'
import { TokenFile } from './token-file.js'

/** How to reach one place: what a new channel and a new socket need, and which files that was made from. */
export interface Dial {
  readonly credentials: ChannelCredentials
  readonly options: ChannelOptions
  /** For a socket of our own; undefined: plain. */
  readonly tls: SocketTls | undefined
  /** Equal fingerprint, equal files; a different one after a rotation. */
  readonly fingerprint: string
}

/** The part of TLS that a socket of our own must be told. */
export interface SocketTls {
  readonly secureContext: SecureContext
  readonly servername?: string
  readonly checkServerIdentity?: PeerCheck
}

/** What security needs to know of a place. */
export interface Place {
  readonly tlsName: string | undefined
  readonly local: boolean
}

/** What guards the connections of one `connection`: TLS from files that may change, names, and a token. */
export class HopSecurity {
  readonly token: TokenSource | undefined
  readonly #authentication: AuthenticationSpec
  readonly #peerNames: readonly string[]
  #material: TlsMaterial | undefined

  constructor(connection: ConnectionSpec, clock: Clock) {
    this.#authentication = connection.authentication
    this.#peerNames = connection.peerNames
    this.token = tokenOf(connection.authentication, clock)
  }

  /**
   * The means for a new connection, from the files as they are now.
   * @throws {AdapterError} `ADAPTER_UNAVAILABLE` when a file cannot be read or used.
   */
  dial(place: Place): Dial {
    const authentication = this.#authentication
    if (authentication.kind === 'none') {
      return { credentials: grpcCredentials.createInsecure(), options: {}, tls: undefined, fingerprint: '' }
    }
    const material = this.#read(authentication)
    const name = authentication.serverName ?? place.tlsName
    const check =
      this.#peerCheck(authentication, material) ?? (name === undefined ? undefined : checkFor(name))
    const checked = check === undefined ? {} : { checkServerIdentity: check }
    return {
      credentials: grpcCredentials.createFromSecureContext(material.context, checked),
      options: name === undefined ? {} : { 'grpc.ssl_target_name_override': indicated(name) },
      tls: {
        secureContext: material.context,
        ...(name !== undefined && isIP(name) === 0 && { servername: name }),
        ...checked,
      },
      fingerprint: material.fingerprint,
    }
  }

  /** What the files are now. Files that cannot be read leave it as it was: what runs keeps running. */
  fingerprint(): string {
    if (this.#authentication.kind === 'none') return ''
    try {
      return this.#read(this.#authentication).fingerprint
    } catch {
      return this.#material?.fingerprint ?? ''
    }
  }

  #read(authentication: Exclude<AuthenticationSpec, { kind: 'none' }>): TlsMaterial {
    this.#material = readTlsMaterial(authentication)
    return this.#material
  }

  /** undefined: the usual rule, the certificate must be for the name that was dialled. */
  #peerCheck(
    authentication: Exclude<AuthenticationSpec, { kind: 'none' }>,
    material: TlsMaterial,
  ): PeerCheck | undefined {
    if (this.#peerNames.length > 0) return oneOfNames(this.#peerNames)
    return authentication.kind === 'mutual' ? sharedIdentity(material.ownUris) : undefined
  }
}

/** The usual rule, for a name or an address. */
function checkFor(name: string): PeerCheck {
  return (_host, certificate) => checkServerIdentity(name, certificate)
}

/** The name to indicate in the handshake. An address may not stand there (RFC 6066, 3), and grpc-js always sends one. */
function indicated(name: string): string {
  return isIP(name) === 0 ? name : 'localhost'
}

/** What is wrong with a connection's security before anything is dialled: a snapshot with it does not go live. */
export function securityProblems(
  connection: ConnectionSpec,
  places: readonly (Place & { readonly name: string })[],
  clock: Clock,
): readonly SettingsProblem[] {
  if (connection.authentication.kind === 'none') {
    if (connection.allowPlaintext) return []
    return places
      .filter(place => !place.local)
      .map(place => ({
        path: 'connection.address',
        message:
          `"${place.name}" is not on this machine, and nothing guards the way to it; ` +
          'give connection.authentication, or connection.allowPlaintext: true',
      }))
  }
  try {
    const security = new HopSecurity(connection, clock)
    security.dial({ tlsName: undefined, local: true })
    if (security.token instanceof TokenFile) security.token.value()
    return tokenServerProblems(connection)
  } catch (thrown) {
    return [{ path: 'connection.authentication', message: messageOf(thrown) }]
  }
}

/** The client's secret goes to the token server: not in the open, unless that was asked for. */
function tokenServerProblems(connection: ConnectionSpec): readonly SettingsProblem[] {
  const { authentication, allowPlaintext } = connection
  if (authentication.kind !== 'tls' || authentication.token?.source !== 'oauth') return []
  const path = 'connection.authentication.tls.oauth.tokenUrl'
  const { tokenUrl } = authentication.token
  if (!URL.canParse(tokenUrl)) return [{ path, message: `"${tokenUrl}" is no URL` }]
  const { protocol, hostname } = new URL(tokenUrl)
  if (protocol === 'https:') return []
  if (protocol === 'http:' && (allowPlaintext || isLoopback(hostname.replace(/^\[|\]$/g, '')))) return []
  return [{ path, message: `"${tokenUrl}" must be https, or connection.allowPlaintext must be true` }]
}

function tokenOf(authentication: AuthenticationSpec, clock: Clock): TokenSource | undefined {
  if (authentication.kind !== 'tls' || authentication.token === undefined) return undefined
  const spec = authentication.token
  return spec.source === 'file' ? new TokenFile(spec, clock) : new OAuthToken(spec, clock)
}
