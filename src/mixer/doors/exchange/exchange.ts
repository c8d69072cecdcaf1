import type { Refusal } from '../service.js'

/** One call, as the connection that carries it sees it. After `reset` nothing more is said to it. */
export interface Exchange {
  /** Bytes of the call's body. */
  data(chunk: Buffer): void
  /** The body is complete. */
  complete(): void
  /** The caller has reset the call, or its connection is gone. */
  reset(): void
  /** Bytes that wait for the rest of their message. */
  readonly heldBytes: number
}

/** What an exchange says to the connection. Calls after the end do nothing. */
export interface Responder {
  /** The one message of a unary answer, and success. */
  answer(message: Buffer): void
  /** Ends the call without success. */
  refuse(refusal: Refusal): void
  /** A message of a stream; `false`: it waits, because the caller reads slowly. */
  send(message: Buffer): boolean
  /** Ends a stream with success. */
  finish(): void
  /** Stops the caller from sending (soon), until `resume`. */
  pause(): void
  resume(): void
}
