import type { AdapterError } from '@outboard/adapters-sdk'

/** What a session needs of whatever carries its frames. */
export interface FramePipe {
  /** For people: what carries the frames. */
  readonly carrier: 'socket' | 'gRPC stream'
  /** Bytes taken and not yet handed on. */
  readonly queuedBytes: number
  /** false: it has enough for now; wait for `writable`. */
  write(frame: Buffer): boolean
  /** Sends a last frame and lets go; nothing is heard any more. Safe twice. */
  shut(lastFrame: Buffer): void
}

/** What happens on a pipe. */
export interface PipeEvents {
  frame(bytes: Buffer): void
  /** It takes more again after `write` said no. */
  writable(): void
  /** What came is no frame, and nothing behind it can be read. The pipe is still there to say so. */
  broken(thrown: unknown): void
  /** Exactly once, unless the pipe was shut by us. */
  ended(error: AdapterError): void
}

/** How long a pipe that we close may take to carry its last frame, milliseconds. */
export const lastFrameMs = 1_000
