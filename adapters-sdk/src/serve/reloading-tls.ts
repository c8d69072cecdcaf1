import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import type { Clock } from '../session/clock.js'
import type { ResolvedServeOptions } from './options.js'

/** What TLS servers are made of, as PEM. */
export interface TlsMaterial {
  readonly cert: Buffer
  readonly key: Buffer
  readonly ca?: Buffer
}

interface Read {
  readonly material: TlsMaterial
  readonly fingerprint: string
}

type TlsFiles = NonNullable<ResolvedServeOptions['tls']>

/** A server whose new connections can be given other certificates. */
export interface TlsUser {
  setSecureContext(material: TlsMaterial): void
}

/**
 * TLS from files that may be replaced while we run. New connections get the new ones; open connections stay. Files that
 * cannot be used (half written, or of a key that does not fit) are reported once and the ones before stay in force.
 */
export class ReloadingTls {
  /** Whether clients must show a certificate. */
  readonly mutual: boolean
  readonly #files: TlsFiles
  readonly #clock: Clock
  readonly #log: (line: string) => void
  readonly #users: TlsUser[] = []
  #read: Read
  #complained = ''
  #stop: () => void

  /** @throws {Error} when the files cannot be read or used. */
  constructor(files: TlsFiles, clock: Clock, log: (line: string) => void) {
    this.mutual = files.clientAuthorities !== undefined
    this.#files = files
    this.#clock = clock
    this.#log = log
    this.#read = read(files)
    this.#stop = clock.after(files.reloadMs, this.#look)
  }

  /** What the files were when they were last good. */
  get material(): TlsMaterial {
    return this.#read.material
  }

  /** Gives a server the files that come. */
  keep(user: TlsUser): void {
    this.#users.push(user)
  }

  /** Stops looking at the files. */
  stop(): void {
    this.#stop()
  }

  #reload(): void {
    try {
      const found = read(this.#files)
      if (found.fingerprint === this.#read.fingerprint) return
      for (const user of this.#users) user.setSecureContext(found.material)
      this.#read = found
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
    this.#reload()
    this.#stop = this.#clock.after(this.#files.reloadMs, this.#look)
  }
}

function read(files: TlsFiles): Read {
  const cert = readFileSync(files.certificate)
  const key = readFileSync(files.privateKey)
  const ca = files.clientAuthorities === undefined ? undefined : readFileSync(files.clientAuthorities)
  const hash = createHash('sha256')
  for (const part of [cert, key, ca]) hash.update(`${part?.length ?? -1}:`).update(part ?? '')
  const material = { cert, key, ...(ca && { ca }) }
  createSecureContext(material)
  return { material, fingerprint: hash.digest('base64') }
}
