import { once } from 'node:events'
import type { Writable } from 'node:stream'
import type { ExprError, Language } from '../mixer/expr/index.js'
import { compileError, type EvalAnswer, type EvalCase, Evaluator } from './eval-case.js'
import { EvalFileError, readAttributes, readManifest } from './eval-files.js'
import { type Line, linesOf } from './eval-lines.js'

/** The longest line of `outboard eval --batch`, in bytes. A longer one is answered with an error and skipped. */
const maxLineBytes = 4 * 1024 * 1024

/** The options of `outboard eval`. */
export interface EvalOptions {
  /** The expression: `outboard eval EXPR`. Not with `batch`. */
  readonly expression?: string | undefined
  /** `--manifest F`: attribute names and types (JSON or YAML). Default: none. */
  readonly manifest?: string | undefined
  /** `--attributes F`: attribute values (JSON or YAML). Default: none. */
  readonly attributes?: string | undefined
  /** `--batch`: read one JSON object a line from standard input. Default: no. */
  readonly batch?: boolean | undefined
  /** `--language L`: the language of expressions that do not name one. Default: CEXL. */
  readonly language?: Language | undefined
}

/** Where `outboard eval` reads and writes. */
export interface EvalIo {
  readonly stdin: AsyncIterable<unknown>
  readonly stdout: Writable
  readonly stderr: Writable
}

/**
 * `outboard eval`: prints one JSON object a line, as {@link EvalAnswer}.
 *
 * @returns the exit code: 0, when a value was printed (a batch always, once it is through); 1 when the expression does not
 * compile or evaluate; 2 when the options or files cannot be used.
 */
export async function runEval(options: EvalOptions, io: EvalIo): Promise<number> {
  try {
    const manifest = options.manifest === undefined ? {} : await readManifest(options.manifest)
    const attributes = options.attributes === undefined ? {} : await readAttributes(options.attributes)
    const defaults: Omit<EvalCase, 'expr'> = { manifest, attributes, language: options.language ?? 'CEXL' }
    if (options.batch === true) return await runBatch(defaults, io)
    if (options.expression === undefined) return await usage(io, 'an expression is needed, or --batch')
    return await runOne({ ...defaults, expr: options.expression }, io)
  } catch (error) {
    if (error instanceof EvalFileError) return usage(io, error.message)
    throw error
  }
}

async function usage({ stderr }: EvalIo, message: string): Promise<number> {
  await write(stderr, `outboard eval: ${message}\n`)
  return 2
}

async function runOne(one: EvalCase, { stdout, stderr }: EvalIo): Promise<number> {
  const errors: ExprError[] = []
  const answer = new Evaluator().answer(one, error => errors.push(error))
  await write(stdout, `${JSON.stringify(answer)}\n`)
  for (const error of errors) await write(stderr, `${error.detail()}\n`)
  return 'error' in answer ? 1 : 0
}

async function runBatch(defaults: Omit<EvalCase, 'expr'>, { stdin, stdout }: EvalIo): Promise<number> {
  const evaluator = new Evaluator()
  for await (const lines of linesOf(stdin, maxLineBytes)) {
    const answers = lines
      .filter(isFilled)
      .map(line => `${JSON.stringify(answered(line, defaults, evaluator))}\n`)
    await write(stdout, answers.join(''))
  }
  return 0
}

function isFilled(line: Line): boolean {
  return 'tooLong' in line || line.text.trim() !== ''
}

/** Whatever a line does, those before and after it get their answers. */
function answered(line: Line, defaults: Omit<EvalCase, 'expr'>, evaluator: Evaluator): EvalAnswer {
  try {
    return answerLine(line, defaults, evaluator)
  } catch (error) {
    return compileError(
      `the line cannot be evaluated: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
}

function answerLine(line: Line, defaults: Omit<EvalCase, 'expr'>, evaluator: Evaluator): EvalAnswer {
  if ('tooLong' in line)
    return compileError(`the line has ${line.tooLong} bytes; the limit is ${maxLineBytes}`)
  let json: unknown
  try {
    json = JSON.parse(line.text)
  } catch (error) {
    return compileError(`the line is no JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
  if (!isObject(json)) return compileError('the line is no JSON object')
  const { expr, manifest = defaults.manifest, attributes = defaults.attributes } = json
  const language = json.language ?? defaults.language
  if (typeof expr !== 'string') return compileError('the field "expr" must be text')
  if (!isObject(manifest)) return compileError('the field "manifest" must be an object of names and types')
  if (!isObject(attributes))
    return compileError('the field "attributes" must be an object of names and values')
  if (language !== 'CEXL' && language !== 'CEL' && language !== 'COMPAT')
    return compileError('the field "language" must be CEXL, CEL or COMPAT')
  return evaluator.answer({ expr, manifest, attributes, language })
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Writes and, when the reader is slow, waits for it. */
async function write(stream: Writable, text: string): Promise<void> {
  if (text !== '' && !stream.write(text)) await once(stream, 'drain')
}
