import { readFile } from 'node:fs/promises'
import { createSecureContext, type SecureContextOptions } from 'node:tls'
import type { Clock } from '../engine/ports.js'
import type { Telemetry } from '../telemetry/index.js'

/** Files of a TLS server. All PEM. */
export interface TlsSettings {
  readonly certificateFile: string
  readonly privateKeyFile: string
  /** Authorities for client certificates; needed when `clientCertificate` is not `ignored`. */
  readonly clientAuthorityFile?: string
  /** `required`: connections without a valid certificate are refused (mutual TLS). Default: `ignored`. */
  readonly clientCertificate?: 'ignored' | 'required'
  /** How often the files are looked at for a change, milliseconds; at least 100. Default: 10,000. */
  readonly reloadEveryMs?: number
}

/** The files could not be used. */
export class TlsError extends Error {
  override readonly name = 'TlsError'
  readonly code = 'TLS_FILES_INVALID'
}

/**
 * Certificate files that are watched. When they change and fit each other, new connections use them; when they do
 * not, the ones before stay in use, which is logged and counted in `door_certificate_reloads{outcome="failed"}`.
 */
export class TlsFiles {
  readonly requiresClientCertificate: boolean
  readonly #settings: TlsSettings
  readonly #everyMs: number
  readonly #telemetry: Telemetry
  readonly #clock: Clock
  readonly #watchers = new Set<(context: SecureContextOptions) => void>()
  #context: SecureContextOptions | undefined
  #stopTimer: (() => void) | undefined
  #closed = false

  constructor(settings: TlsSettings, telemetry: Telemetry, clock: Clock) {
    this.#settings = settings
    this.#everyMs = Math.max(100, settings.reloadEveryMs ?? 10_000)
    this.#telemetry = telemetry
    this.#clock = clock
    this.requiresClientCertificate = settings.clientCertificate === 'required'
    if (this.requiresClientCertificate && settings.clientAuthorityFile === undefined)
      throw new TlsError('Cannot require client certificates: clientAuthorityFile is not set')
  }

  /**
   * Reads the files and begins to watch them.
   * @throws {TlsError} when they cannot be read, or do not fit each other.
   */
  async open(): Promise<void> {
    this.#context = await this.#read()
    this.#schedule()
  }

  /** The files in force. */
  context(): SecureContextOptions {
    if (this.#context === undefined) throw new TlsError('Cannot use certificates before they are opened')
    return this.#context
  }

  /** Calls back whenever new files are in force; the answer stops it. */
  onChange(watcher: (context: SecureContextOptions) => void): () => void {
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }

  /** Looks at the files now. Never rejects. */
  async reload(): Promise<void> {
    try {
      const next = await this.#read()
      if (same(next, this.#context)) return
      this.#context = next
      for (const watcher of this.#watchers) watcher(next)
      this.#telemetry.counter('door_certificate_reloads', { outcome: 'taken' }).add(1)
      this.#telemetry.log.info('certificates_reloaded', { file: this.#settings.certificateFile })
    } catch (cause) {
      this.#telemetry.counter('door_certificate_reloads', { outcome: 'failed' }).add(1)
      this.#telemetry.log.error('certificates_refused', {
        file: this.#settings.certificateFile,
        why: cause instanceof Error ? cause.message : String(cause),
      })
    }
  }

  close(): void {
    this.#closed = true
    this.#stopTimer?.()
    this.#watchers.clear()
  }

  #schedule(): void {
    if (this.#closed) return
    this.#stopTimer = this.#clock.after(this.#everyMs, () => void this.reload().then(() => this.#schedule()))
  }

  async #read(): Promise<SecureContextOptions> {
    const { certificateFile, privateKeyFile, clientAuthorityFile } = this.#settings
    try {
      const [cert, key, ca] = await Promise.all([
        readFile(certificateFile),
        readFile(privateKeyFile),
        clientAuthorityFile === undefined ? undefined : readFile(clientAuthorityFile),
      ])
      const context: SecureContextOptions = { cert, key, ...(ca === undefined ? {} : { ca }) }
      // Throws when the key does not belong to the certificate.
      createSecureContext(context)
      return context
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause)
      throw new TlsError(`Cannot use certificate ${certificateFile} with key ${privateKeyFile}: ${why}`, {
        cause,
      })
    }
  }
}

function same(a: SecureContextOptions, b: SecureContextOptions | undefined): boolean {
  return (
    b !== undefined &&
    String(a.cert) === String(b.cert) &&
    String(a.key) === String(b.key) &&
    String(a.ca) === String(b.ca)
  )
}
