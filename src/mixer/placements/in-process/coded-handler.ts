import {
  AdapterError,
  decodeInstance,
  encodeOutput,
  type Grant,
  type Produced,
  type QuotaRequest,
  type Verdict,
} from '@outboard/adapters-sdk'
import {
  decodeAdapterFrame,
  defaultLimits,
  ResultBatch,
  type WireResult,
} from '@outboard/adapters-sdk/protocol'
import type { Asking, HandlerStatus, PlacedHandler, Question } from '../../engine/ports.js'
import { outputOf, withOutput } from '../calls/output.js'
import { failedWith, failure, messageOf } from '../failure.js'
import type { LocalHandler } from './local-handler.js'

/**
 * A handler of this process that is asked in bytes and answers in bytes: everything that a hop does, without the hop.
 * For the benchmark, and for the contract suite.
 */
export class CodedHandler implements PlacedHandler {
  readonly form = 'bytes'
  readonly #inner: LocalHandler
  readonly #results = new ResultBatch(defaultLimits)

  constructor(inner: LocalHandler) {
    this.#inner = inner
  }

  async check(question: Question, asking: Asking): Promise<Verdict> {
    const decoded = decodedOf(question)
    if (decoded instanceof AdapterError) return failedWith(decoded)
    const verdict = await this.#inner.check(decoded, asking)
    if (verdict.kind === 'failed') return verdict
    try {
      const template = question.template
      const isAllow = verdict.kind === 'allow' && template.output !== undefined
      const output = isAllow ? encodeOutput(template, verdict.output) : undefined
      const result = this.#through({ kind: 'verdict', id: 1, verdict, output })
      if (result?.kind !== 'verdict') return failedWith(unreadable(result))
      return result.output === undefined
        ? result.verdict
        : withOutput(result.verdict, template, result.output)
    } catch (thrown) {
      return failedWith(unencodable(thrown))
    }
  }

  async quota(question: Question, request: QuotaRequest, asking: Asking): Promise<Grant> {
    const decoded = decodedOf(question)
    if (decoded instanceof AdapterError) return failedWith(decoded)
    const grant = await this.#inner.quota(decoded, request, asking)
    if (grant.kind === 'failed') return grant
    const result = this.#through({ kind: 'grant', id: 1, grant })
    return result?.kind === 'grant' ? result.grant : failedWith(unreadable(result))
  }

  async report(questions: readonly Question[], asking: Asking): Promise<AdapterError | undefined> {
    const decoded: Question[] = []
    for (const question of questions) {
      const one = decodedOf(question)
      if (one instanceof AdapterError) return one
      decoded.push(one)
    }
    return this.#inner.report(decoded, asking)
  }

  async produce(question: Question, asking: Asking): Promise<Produced | AdapterError> {
    const decoded = decodedOf(question)
    if (decoded instanceof AdapterError) return decoded
    const produced = await this.#inner.produce(decoded, asking)
    if (produced instanceof AdapterError) return produced
    try {
      const output = encodeOutput(question.template, produced.output)
      const result = this.#through({ kind: 'produced', id: 1, output, validForMs: produced.validForMs })
      if (result?.kind !== 'produced') return unreadable(result)
      const values = outputOf(question.template, result.output)
      return values instanceof AdapterError ? values : { output: values, validForMs: result.validForMs }
    } catch (thrown) {
      return unencodable(thrown)
    }
  }

  status(): HandlerStatus {
    return this.#inner.status()
  }

  close(graceMs: number): Promise<void> {
    return this.#inner.close(graceMs)
  }

  #through(result: WireResult): WireResult | undefined {
    this.#results.add(result)
    const frame = decodeAdapterFrame(this.#results.take(0), defaultLimits)
    return frame?.kind === 'results' ? frame.results[0] : undefined
  }
}

function decodedOf(question: Question): Question | AdapterError {
  const { bytes, template } = question
  if (bytes === undefined) {
    return failure('ADAPTER_PROTOCOL', `Instance "${question.instanceName}" came without its bytes`)
  }
  try {
    return { ...question, record: decodeInstance(template, bytes) }
  } catch (thrown) {
    return thrown instanceof AdapterError ? thrown : failure('ADAPTER_PROTOCOL', messageOf(thrown), thrown)
  }
}

function unencodable(thrown: unknown): AdapterError {
  return thrown instanceof AdapterError ? thrown : failure('ADAPTER_PROTOCOL', messageOf(thrown), thrown)
}

/** What came back is a failure (the answer passed a limit), or nothing at all. */
function unreadable(result: WireResult | undefined): AdapterError {
  if (result?.kind === 'failed') return failure(result.code, result.message)
  return failure('ADAPTER_LIMIT', 'The answer does not fit into a frame')
}
