import { readFileSync, writeFileSync } from 'node:fs'
import { CliError } from '../../cli/errors.js'
import type { Shape } from '../load/generator.js'
import { Fields } from '../process/fields.js'
import { type Figure, type Machine, type Result, resultFormat } from '../rounds/result.js'
import type { CurvePoint, Percentiles, Round, Row, Spent, Tails } from '../rounds/row.js'
import type { Ratio } from '../stats/ratio.js'

export function writeResult(path: string, result: Result): void {
  writeFileSync(path, `${JSON.stringify(result, undefined, 1)}\n`)
}

/** @throws {CliError} `CLI_FILE_UNREADABLE` */
export function readResult(path: string): Result {
  try {
    return resultOf(JSON.parse(readFileSync(path, 'utf8')))
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new CliError('CLI_FILE_UNREADABLE', `Cannot read a result from ${path}: ${why}`, { cause })
  }
}

/** Data as a result. @throws {FieldError} when it is none */
export function resultOf(value: unknown): Result {
  const fields = new Fields('a result', value)
  const format = fields.text('format')
  if (format !== resultFormat) throw new TypeError(`wanted the format ${resultFormat}, found ${format}`)
  return {
    format,
    kind: fields.text('kind'),
    command: fields.text('command'),
    at: fields.text('at'),
    machine: machineOf(fields.object('machine')),
    options: fields.has('options') ? textsOf(fields.object('options')) : {},
    rows: fields.list('rows', rowOf),
    figures: fields.list('figures', figureOf),
    notes: fields.texts('notes'),
  }
}

function textsOf(fields: Fields): Record<string, string> {
  return Object.fromEntries(fields.names().map(name => [name, fields.text(name)]))
}

function machineOf(fields: Fields): Machine {
  return {
    cpu: fields.text('cpu'),
    cores: fields.number('cores'),
    memoryBytes: fields.number('memoryBytes'),
    system: fields.text('system'),
    node: fields.text('node'),
    outboard: fields.text('outboard'),
    loadBefore: fields.number('loadBefore'),
    fromSource: fields.flag('fromSource'),
  }
}

function rowOf(value: unknown): Row {
  const fields = new Fields('a row', value)
  const cold = fields.has('cold') ? fields.object('cold') : undefined
  return {
    id: fields.text('id'),
    name: fields.text('name'),
    setting: fields.text('setting'),
    shape: shapeOf(fields.object('shape')),
    reference: fields.maybeText('reference'),
    tails: fields.has('tails') ? tailsOf(fields.object('tails')) : undefined,
    rounds: fields.list('rounds', roundOf),
    curve: fields.list('curve', pointOf),
    latency: percentilesOf(fields.object('latency')),
    cold: cold && { firstUs: cold.number('firstUs'), medianUs: cold.number('medianUs') },
    invalid: fields.maybeText('invalid'),
    note: fields.maybeText('note'),
  }
}

function tailsOf(fields: Fields): Tails {
  return { p99: ratioOf(fields.object('p99')), p999: ratioOf(fields.object('p999')) }
}

function ratioOf(fields: Fields): Ratio {
  return fields.text('kind') === 'refused'
    ? { kind: 'refused', reason: fields.text('reason'), variation: fields.maybeNumber('variation') }
    : { kind: 'ratio', value: fields.number('value'), low: fields.number('low'), high: fields.number('high') }
}

function shapeOf(fields: Fields): Shape {
  return fields.text('kind') === 'closed'
    ? { kind: 'closed', depth: fields.number('depth') }
    : { kind: 'open', perSecond: fields.number('perSecond') }
}

function pointOf(value: unknown): CurvePoint {
  const [percentile, us] = Array.isArray(value) ? value : []
  if (typeof percentile !== 'number' || typeof us !== 'number')
    throw new TypeError('a point of a curve is two numbers')
  return [percentile, us]
}

function roundOf(value: unknown): Round {
  const fields = new Fields('a round', value)
  return {
    calls: fields.number('calls'),
    errors: fields.number('errors'),
    firstError: fields.maybeText('firstError'),
    seconds: fields.number('seconds'),
    perSecond: fields.number('perSecond'),
    latency: percentilesOf(fields.object('latency')),
    latenessP99: fields.maybeNumber('latenessP99'),
    host: fields.has('host') ? spentOf(fields.object('host')) : undefined,
    adapter: fields.has('adapter') ? spentOf(fields.object('adapter')) : undefined,
    loadCpuUs: fields.maybeNumber('loadCpuUs'),
  }
}

function spentOf(fields: Fields): Spent {
  return {
    cpuUs: fields.number('cpuUs'),
    peakBytes: fields.number('peakBytes'),
    gcShare: fields.maybeNumber('gcShare'),
    allocatedBytes: fields.maybeNumber('allocatedBytes'),
  }
}

function percentilesOf(fields: Fields): Percentiles {
  return {
    mean: fields.number('mean'),
    p50: fields.number('p50'),
    p90: fields.number('p90'),
    p99: fields.number('p99'),
    p999: fields.number('p999'),
    max: fields.number('max'),
  }
}

function figureOf(value: unknown): Figure {
  const fields = new Fields('a figure', value)
  const measured = fields.has('measured') ? fields.object('measured') : undefined
  return {
    id: fields.text('id'),
    title: fields.text('title'),
    unit: fields.text('unit'),
    better: fields.text('better') === 'less' ? 'less' : 'more',
    wanted: fields.number('wanted'),
    aim: fields.maybeNumber('aim'),
    measured: measured && {
      value: measured.number('value'),
      low: measured.number('low'),
      high: measured.number('high'),
    },
    reason: fields.maybeText('reason'),
    basis: fields.text('basis'),
  }
}
