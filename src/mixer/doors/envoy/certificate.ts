import { X509Certificate } from 'node:crypto'

/** What a peer's certificate says. */
export interface CertificateFacts {
  readonly pem: string
  readonly subject: string
  readonly issuer: string
  /** Hexadecimal, upper case. */
  readonly serial: string
  /** Hexadecimal, lower case, no colons. */
  readonly sha256: string
  /** URI, DNS and e-mail names, in order, without their kind. */
  readonly names: readonly string[]
  /** URI names first, then DNS names; what Envoy would take for the principal. */
  readonly principal: string
}

/** Certificates longer than this, in characters of the encoded form, are not looked into. */
const maxLength = 65_536

/**
 * Certificates that were parsed, by their encoded text. Parsing costs some 100 µs and a proxy sends the same few again
 * and again. At most `maxEntries`; the one longest unused goes first. Text that is no certificate is remembered, too.
 */
export class Certificates {
  readonly #known = new Map<string, CertificateFacts | undefined>()
  readonly #maxEntries: number

  constructor(maxEntries: number) {
    this.#maxEntries = maxEntries
  }

  /** Reads a URL-encoded PEM certificate (the first of a chain). undefined: it is none. */
  read(encoded: string): CertificateFacts | undefined {
    if (encoded === '' || encoded.length > maxLength) return undefined
    const known = this.#known.get(encoded)
    if (known !== undefined || this.#known.has(encoded)) this.#known.delete(encoded)
    const facts = known ?? parse(encoded)
    this.#known.set(encoded, facts)
    if (this.#known.size > this.#maxEntries) {
      const [oldest] = this.#known.keys()
      if (oldest !== undefined) this.#known.delete(oldest)
    }
    return facts
  }
}

function parse(encoded: string): CertificateFacts | undefined {
  try {
    const pem = decodeURIComponent(encoded)
    const certificate = new X509Certificate(pem)
    const names = alternativeNames(certificate.subjectAltName ?? '')
    const first = (kind: string) => names.find(name => name.kind === kind)?.value
    const subject = oneLine(certificate.subject)
    return {
      pem,
      subject,
      issuer: oneLine(certificate.issuer),
      serial: certificate.serialNumber,
      sha256: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
      names: names.filter(({ kind }) => kind !== 'IP Address').map(({ value }) => value),
      principal: first('URI') ?? first('DNS') ?? subject,
    }
  } catch {
    // Malformed escapes or PEM: an untrusted peer's text, and the attribute is simply absent.
    return undefined
  }
}

/** `CN=a\nO=b` as `O=b,CN=a`: the most special part last to first, as Envoy prints it. */
function oneLine(name: string): string {
  return name.split('\n').reverse().join(',')
}

function alternativeNames(text: string): { kind: string; value: string }[] {
  // `URI:spiffe://a, DNS:"quoted, value"`: a value that holds a comma is a JSON string.
  const found: { kind: string; value: string }[] = []
  for (const [, kind, quoted, plain] of text.matchAll(
    /([A-Za-z ]+?):(?:("(?:[^"\\]|\\.)*")|([^,]*))(?:, |$)/g,
  ))
    found.push({ kind: kind ?? '', value: quoted === undefined ? (plain ?? '') : String(JSON.parse(quoted)) })
  return found
}
