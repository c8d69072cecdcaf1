import type { Problem } from '../../mixer/config/index.js'
import type { HandlerProblem } from '../../mixer/engine/index.js'

/** Why the configuration that was found last is not in force. */
export type Refusal =
  | {
      readonly at: string
      readonly by: 'configuration'
      readonly problems: readonly Problem[]
      readonly problemCount: number
    }
  | {
      readonly at: string
      readonly by: 'adapters'
      readonly problems: readonly HandlerProblem[]
      readonly problemCount: number
    }
