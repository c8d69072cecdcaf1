import type { Usage } from './usage.js'

/** A process whose usage can be measured between two moments. */
export interface Measured {
  begin(): Promise<void>
  end(): Promise<Usage>
}
