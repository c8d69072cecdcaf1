import type { AuthenticationSpec, ConnectionSpec, TokenHeader, TokenSpec } from '../handler-spec.js'
import type { Located, MessageReader } from './reader.js'

/** One handler may name this many endpoints. */
const maxAddresses = 64

/**
 * `connection` of a handler. Source: `istio.policy.v1beta1.Connection`. Ours: `addresses`, `peerNames`,
 * `allowPlaintext`. undefined when no address is given; that is reported.
 */
export function readConnection(reader: MessageReader): ConnectionSpec | undefined {
  const address = reader.text('address')
  const addresses = [...(address === undefined ? [] : [address]), ...reader.texts('addresses')]
  const timeout = reader.protoDuration('timeout')
  const authentication = reader.message('authentication', readAuthentication) ?? { kind: 'none' as const }
  const peerNames = reader.texts('peer_names').map(({ value }) => value)
  const allowPlaintext = reader.flag('allow_plaintext') ?? false
  const good = addresses.filter(({ value, place }) => {
    if (/^\S+$/.test(value)) return true
    reader.report.problem(
      value === '' ? 'CONFIG_MISSING_FIELD' : 'CONFIG_BAD_VALUE',
      place,
      `Cannot read the connection's address: found ${JSON.stringify(value)}, wanted a gRPC target`,
      'write host:port, dns:///host:port or unix:///path',
    )
    return false
  })
  if (addresses.length === 0)
    reader.missing('address', 'say where the adapter listens: host:port, dns:///host:port or unix:///path')
  if (good.length > maxAddresses)
    reader.report.problem(
      'CONFIG_BAD_VALUE',
      reader.node.place,
      `Cannot read the connection: found ${good.length} addresses, wanted at most ${maxAddresses}`,
      'put the endpoints behind one name, or use several handlers',
    )
  if (good.length === 0) return undefined
  return {
    addresses: [...new Set(good.map(({ value }) => value))],
    timeoutMs: timeout === undefined || timeout.value === 0 ? undefined : timeout.value,
    authentication,
    peerNames,
    allowPlaintext,
  }
}

function readAuthentication(reader: MessageReader): AuthenticationSpec {
  const tlsNode = reader.field('tls')
  const mutualNode = reader.field('mutual')
  reader.exclusive(tlsNode, mutualNode, 'tls and mutual')
  const tls = reader.message('tls', readTls)
  const mutual = reader.message('mutual', readMutual)
  return mutual ?? tls ?? { kind: 'none' }
}

function readTls(reader: MessageReader): AuthenticationSpec {
  const caCertificates = given(reader.text('ca_certificates'))
  const tokenPath = given(reader.text('token_path'))
  const oauthNode = reader.field('oauth')
  reader.exclusive(reader.field('token_path'), oauthNode, 'tokenPath and oauth')
  const oauth = reader.message('oauth', readOauth)
  const header = readTokenHeader(reader)
  return {
    kind: 'tls',
    caCertificates,
    serverName: given(reader.text('server_name')),
    token: oauth ?? (tokenPath === undefined ? undefined : { source: 'file', path: tokenPath, header }),
  }
}

function readTokenHeader(reader: MessageReader): TokenHeader {
  const custom = reader.text('custom_header')
  reader.exclusive(reader.field('auth_header'), custom, 'authHeader and customHeader')
  const auth = reader.choice('auth_header', ['PLAIN', 'BEARER'])
  if (custom !== undefined && custom.value !== '') return { kind: 'custom', name: custom.value.toLowerCase() }
  return { kind: auth === 'BEARER' ? 'authorization-bearer' : 'authorization-plain' }
}

function readOauth(reader: MessageReader): TokenSpec {
  return {
    source: 'oauth',
    clientId: reader.requiredText('client_id', 'give the client id')?.value ?? '',
    clientSecretPath:
      reader.requiredText('client_secret', 'name the file that holds the secret')?.value ?? '',
    tokenUrl: reader.requiredText('token_url', 'give the URL of the token endpoint')?.value ?? '',
    scopes: reader.texts('scopes').map(({ value }) => value),
    endpointParams: reader.textMap('endpoint_params'),
  }
}

function readMutual(reader: MessageReader): AuthenticationSpec {
  return {
    kind: 'mutual',
    privateKey: reader.requiredText('private_key', 'name the file with the key')?.value ?? '',
    clientCertificate:
      reader.requiredText('client_certificate', 'name the file with the certificate')?.value ?? '',
    caCertificates: given(reader.text('ca_certificates')),
    serverName: given(reader.text('server_name')),
  }
}

/** Protobuf has no difference between an empty text and none. */
function given(text: Located<string> | undefined): string | undefined {
  return text === undefined || text.value === '' ? undefined : text.value
}
