import { readFileSync, statSync } from 'node:fs'
import type { Clock, TokenSpec } from '../../engine/ports.js'
import { failure, messageOf } from '../failure.js'
import type { TokenSource } from './token.js'

/** How often a token file is looked at, milliseconds. Between looks the token costs nothing. */
const lookEveryMs = 1_000
/** Larger files are refused: a header is not the place for them. */
const maxTokenBytes = 16_384

/**
 * A token in a file. The file is read again when it changes (upstream read it once), and a trailing newline, which
 * editors and `kubectl` add, is not part of the token (upstream sent it).
 */
export class TokenFile implements TokenSource {
  readonly header: string
  readonly #path: string
  readonly #prefix: string
  readonly #clock: Clock
  #lookedAt = Number.NEGATIVE_INFINITY
  #version = ''
  #value = ''

  constructor(spec: TokenSpec & { source: 'file' }, clock: Clock) {
    this.header = spec.header.kind === 'custom' ? spec.header.name.toLowerCase() : 'authorization'
    this.#prefix = spec.header.kind === 'authorization-bearer' ? 'Bearer ' : ''
    this.#path = spec.path
    this.#clock = clock
  }

  value(): string {
    const now = this.#clock.now()
    if (now - this.#lookedAt >= lookEveryMs) {
      this.#look()
      this.#lookedAt = now
    }
    return this.#value
  }

  #look(): void {
    try {
      const stat = statSync(this.#path)
      const version = `${stat.ino}:${stat.mtimeMs}:${stat.size}`
      if (version === this.#version) return
      if (stat.size > maxTokenBytes) throw new Error(`it is larger than ${maxTokenBytes} bytes`)
      const text = readFileSync(this.#path, 'latin1').replace(/\r?\n$/, '')
      if (!/^[\x20-\x7e]+$/.test(text)) throw new Error('it is empty or holds characters that no header may')
      this.#value = this.#prefix + text
      this.#version = version
    } catch (cause) {
      throw failure(
        'ADAPTER_UNAVAILABLE',
        `Cannot use the token file "${this.#path}": ${messageOf(cause)}`,
        cause,
      )
    }
  }
}
