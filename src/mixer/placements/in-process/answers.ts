import type { AdapterError, Grant, Produced, Verdict } from '@outboard/adapters-sdk'
import { failure } from '../failure.js'

// An adapter in this process may be plain JavaScript, and may answer anything. Looking at `kind` costs a comparison;
// letting `undefined` travel to the combiner would cost somebody a night.

export function isVerdict(answer: Verdict | undefined): answer is Verdict {
  const kind = answer?.kind
  return kind === 'allow' || kind === 'deny' || kind === 'failed'
}

export function isGrant(answer: Grant | undefined): answer is Grant {
  const kind = answer?.kind
  return kind === 'granted' || kind === 'refused' || kind === 'failed'
}

export function isProduced(answer: Produced | undefined): answer is Produced {
  return typeof answer?.output === 'object' && answer.output !== null
}

export function notAnAnswer(handler: string, verb: string): AdapterError {
  return failure(
    'ADAPTER_PROTOCOL',
    `Handler "${handler}" answered ${verb} with something that is not an answer`,
  )
}
