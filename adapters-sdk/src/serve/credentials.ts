import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { ServerCredentials } from '@grpc/grpc-js'
import type { Clock } from '../session/clock.js'
import type { ResolvedServeOptions } from './options.js'

interface Material {
  readonly cert: Buffer
  readonly key: Buffer
  readonly ca: Buffer | undefined
  readonly fingerprint: string
}

type TlsFiles = NonNullable<ResolvedServeOptions['tls']>

/**
 * TLS from files that may be replaced while we run. New connections get the new ones; open connections stay. Files that
 * cannot be used (half written, or of a key that does not fit) are reported once and the ones before stay in force.
 */
export class ReloadingCredentials extends ServerCredentials {
  readonly #files: TlsFiles
  readonly #clock: Clock
  readonly #log: (line: string) => void
  #fingerprint: string
  #complained = ''
  #stop: () => void

  /** @throws {Error} when the files cannot be read or used. */
  constructor(files: TlsFiles, clock: Clock, log: (line: string) => void) {
    const material = read(files)
    const mutual = files.clientAuthorities !== undefined
    super({ requestCert: mutual, rejectUnauthorized: mutual }, contextOf(material))
    this.#files = files
    this.#clock = clock
    this.#log = log
    this.#fingerprint = material.fingerprint
    this.#stop = clock.after(files.reloadMs, this.#look)
  }

  override _equals(other: ServerCredentials): boolean {
    return this === other
  }

  /** Stops looking at the files. */
  stop(): void {
    this.#stop()
  }

  /** Looks at the files now. */
  reload(): void {
    try {
      const material = read(this.#files)
      if (material.fingerprint === this.#fingerprint) return
      this.updateSecureContextOptions(contextOf(material))
      this.#fingerprint = material.fingerprint
      this.#complained = ''
      this.#log('TLS files were read again; new connections use them')
    } catch (thrown) {
      const why = thrown instanceof Error ? thrown.message : String(thrown)
      if (why !== this.#complained)
        this.#log(`TLS files cannot be used, the ones before stay in force: ${why}`)
      this.#complained = why
    }
  }

  readonly #look = (): void => {
    this.reload()
    this.#stop = this.#clock.after(this.#files.reloadMs, this.#look)
  }
}

function read(files: TlsFiles): Material {
  const cert = readFileSync(files.certificate)
  const key = readFileSync(files.privateKey)
  const ca = files.clientAuthorities === undefined ? undefined : readFileSync(files.clientAuthorities)
  const hash = createHash('sha256')
  for (const part of [cert, key, ca]) hash.update(`${part?.length ?? -1}:`).update(part ?? '')
  const fingerprint = hash.digest('base64')
  const material = { cert, key, ca, fingerprint }
  createSecureContext(contextOf(material))
  return material
}

function contextOf({ cert, key, ca }: Omit<Material, 'fingerprint'>) {
  return { cert, key, ...(ca && { ca }) }
}
