import { readFileSync } from 'node:fs'
import type { AdapterError } from '@outboard/adapters-sdk'
import type { Clock, TokenSpec } from '../../engine/ports.js'
import { failure, messageOf } from '../failure.js'
import type { TokenSource } from './token.js'

/** Longest wait for the token server, milliseconds. */
const fetchTimeoutMs = 5_000
/** A longer answer is refused. */
const maxAnswerBytes = 65_536
/** A token is fetched again this long before it runs out, or after nine tenths of its life when that is shorter. */
const refreshAheadMs = 10_000
/** A token that says nothing of its life is fetched again after this long. */
const unstatedLifeMs = 300_000
/** After a failure nobody asks again for this long; calls fail at once with the reason. */
const retryAfterMs = 1_000

interface Held {
  readonly value: string
  readonly expiresAt: number
}

type State =
  | { readonly at: 'none' }
  | { readonly at: 'fetching'; readonly value: Promise<string>; readonly old: Held | undefined }
  | ({ readonly at: 'held'; readonly refreshAt: number } & Held)
  | { readonly at: 'failed'; readonly error: AdapterError; readonly retryAt: number }

/**
 * The OAuth 2.0 client credentials flow (RFC 6749, 4.4). One fetch serves every call that waits; an old token is used
 * while it is valid and the new one is on its way. The secret file is read at each fetch, its trailing newline left out.
 */
export class OAuthToken implements TokenSource {
  readonly header = 'authorization'
  readonly #spec: TokenSpec & { source: 'oauth' }
  readonly #clock: Clock
  #state: State = { at: 'none' }

  constructor(spec: TokenSpec & { source: 'oauth' }, clock: Clock) {
    this.#spec = spec
    this.#clock = clock
  }

  value(): string | Promise<string> {
    const state = this.#state
    const now = this.#clock.now()
    switch (state.at) {
      case 'none':
        return this.#fetch(undefined)
      case 'fetching':
        return state.old !== undefined && now < state.old.expiresAt ? state.old.value : state.value
      case 'held':
        if (now < state.refreshAt) return state.value
        return now < state.expiresAt ? this.#refreshBehind(state) : this.#fetch(undefined)
      case 'failed':
        if (now < state.retryAt) throw state.error
        return this.#fetch(undefined)
    }
  }

  #refreshBehind(old: Held): string {
    this.#fetch(old).catch(() => {}) // the state holds the failure; this call goes out with the old token
    return old.value
  }

  #fetch(old: Held | undefined): Promise<string> {
    const value = this.#ask().then(
      ({ token, lifeMs }) => {
        const now = this.#clock.now()
        const ahead = Math.min(refreshAheadMs, lifeMs / 10)
        this.#state = { at: 'held', value: token, refreshAt: now + lifeMs - ahead, expiresAt: now + lifeMs }
        return token
      },
      (thrown: unknown) => {
        const error = failure(
          'ADAPTER_UNAVAILABLE',
          `Cannot fetch a token from ${this.#spec.tokenUrl}: ${messageOf(thrown)}`,
          thrown,
        )
        const retryAt = this.#clock.now() + retryAfterMs
        this.#state =
          old !== undefined && old.expiresAt > retryAt
            ? { at: 'held', value: old.value, refreshAt: retryAt, expiresAt: old.expiresAt }
            : { at: 'failed', error, retryAt }
        throw error
      },
    )
    this.#state = { at: 'fetching', value, old }
    return value
  }

  /** First with the secret in the `Authorization` header, then in the body: servers take one or the other. */
  async #ask(): Promise<{ token: string; lifeMs: number }> {
    const spec = this.#spec
    const secret = readFileSync(spec.clientSecretPath, 'utf8').replace(/\r?\n$/, '')
    const basic = `Basic ${Buffer.from(`${formEncoded(spec.clientId)}:${formEncoded(secret)}`).toString('base64')}`
    const first = await this.#post(this.#form(), { authorization: basic })
    if (first.status !== 400 && first.status !== 401) return grantedIn(first)
    const form = this.#form()
    form.set('client_id', spec.clientId)
    form.set('client_secret', secret)
    return grantedIn(await this.#post(form, {}))
  }

  #form(): URLSearchParams {
    const form = new URLSearchParams({ grant_type: 'client_credentials' })
    if (this.#spec.scopes.length > 0) form.set('scope', this.#spec.scopes.join(' '))
    for (const [name, value] of this.#spec.endpointParams) form.set(name, value)
    return form
  }

  async #post(form: URLSearchParams, headers: Record<string, string>): Promise<TokenAnswer> {
    const response = await fetch(this.#spec.tokenUrl, {
      method: 'POST',
      headers: { ...headers, accept: 'application/json' },
      body: form,
      redirect: 'error', // a redirect would carry the secret to somebody else
      signal: AbortSignal.timeout(fetchTimeoutMs),
    })
    const chunks: Uint8Array[] = []
    let size = 0
    for await (const chunk of response.body ?? []) {
      size += chunk.length
      if (size > maxAnswerBytes) throw new Error(`the answer is longer than ${maxAnswerBytes} bytes`)
      chunks.push(chunk)
    }
    return { status: response.status, text: Buffer.concat(chunks).toString('utf8') }
  }
}

interface TokenAnswer {
  readonly status: number
  readonly text: string
}

/** RFC 6749, 2.3.1: identifier and secret are form-encoded before they are joined. */
function formEncoded(text: string): string {
  return new URLSearchParams({ '': text }).toString().slice(1)
}

function grantedIn({ status, text }: TokenAnswer): { token: string; lifeMs: number } {
  if (status !== 200) throw new Error(`the server answered ${status}`)
  const body: unknown = JSON.parse(text)
  if (typeof body !== 'object' || body === null) throw new Error('the answer is not an object')
  const fields = body as Record<string, unknown>
  const { access_token: token, token_type: type, expires_in: expiresIn } = fields
  if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token))
    throw new Error('the answer has no access_token')
  const seconds = Number(expiresIn)
  return {
    token: `${schemeOf(type)} ${token}`,
    lifeMs: Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : unstatedLifeMs,
  }
}

/** The scheme as the server names it, `bearer` in the spelling that every server of a resource accepts. */
function schemeOf(type: unknown): string {
  if (typeof type !== 'string' || !/^[\x21-\x7e]+$/.test(type)) return 'Bearer'
  return type.toLowerCase() === 'bearer' ? 'Bearer' : type
}
