import type { AttributeValues, Value } from '@outboard/adapters-sdk'
import type { Command } from 'commander'
import { CliError } from '../errors.js'
import { decimalNumber, durationMs, wholeNumber } from '../numbers.js'
import { readAttributeSets } from './attribute-file.js'
import type { MixerClientOptions } from './client.js'
import { guessAttribute, parseAttribute, parseList, type SentType } from './parse.js'

/** What `check` and `report` have in common, as commander gives it. */
export interface CallFlags {
  readonly mixer: string
  readonly repeat: string
  readonly concurrency: string
  readonly rate: string
  readonly timeout: string
  readonly attributesFile?: string
  readonly attributes?: readonly string[]
  readonly string_attributes?: readonly string[]
  readonly int64_attributes?: readonly string[]
  readonly double_attributes?: readonly string[]
  readonly bool_attributes?: readonly string[]
  readonly timestamp_attributes?: readonly string[]
  readonly duration_attributes?: readonly string[]
  readonly bytes_attributes?: readonly string[]
  readonly stringmap_attributes?: readonly string[]
  readonly tls?: boolean
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  readonly traceparent?: string
  readonly json?: boolean
}

const collect = (value: string, before: readonly string[] = []): string[] => [...before, value]

/** Gives a command the flags of {@link CallFlags}; those of Istio's `mixc` mean the same here. */
export function withCallFlags(command: Command): Command {
  return command
    .option('-m, --mixer <address>', 'host:port or unix:///path of the Mixer door', 'localhost:9091')
    .option('-a, --attributes <list>', 'name=value,…; the type is guessed', collect)
    .option(
      '-f, --attributes-file <file>',
      'attributes as JSON: {"request.path": "/", "request.headers": {…}}',
    )
    .option('-s, --string_attributes <list>', 'texts', collect)
    .option('-i, --int64_attributes <list>', 'whole numbers', collect)
    .option('-d, --double_attributes <list>', 'other numbers', collect)
    .option('-b, --bool_attributes <list>', 'true or false', collect)
    .option('-t, --timestamp_attributes <list>', 'times, as 2026-01-31T12:00:00Z', collect)
    .option('--duration_attributes <list>', 'durations, as 1m30s', collect)
    .option('--bytes_attributes <list>', 'bytes, as 0a:00:00:01 (an IP address)', collect)
    .option('--stringmap_attributes <list>', 'maps, as name=key:value;key:value', collect)
    .option(
      '-r, --repeat <n>',
      'calls (of report: attribute sets) in all, for each worker of --concurrency',
      '1',
    )
    .option('-c, --concurrency <n>', 'workers side by side', '1')
    .option('--rate <n>', 'calls a second, all workers together; -1: as fast as it goes', '-1')
    .option('--timeout <duration>', 'longest wait for an answer', '5s')
    .option('--tls', 'speak TLS')
    .option('--ca <file>', 'certificates that the server’s must be signed by (implies --tls)')
    .option('--cert <file>', 'client certificate, for mutual TLS (implies --tls)')
    .option('--key <file>', 'its private key')
    .option('--traceparent <text>', 'W3C trace context to send along')
    .option('--json', 'print JSON, one object a line')
}

/** The same, resolved: complete and checked. */
export interface CallOptions {
  readonly client: MixerClientOptions
  /** Never empty. Several only from a file with an array. */
  readonly sets: readonly AttributeValues[]
  readonly repeat: number
  readonly concurrency: number
  /** Calls a second; undefined: no limit. */
  readonly ratePerSecond: number | undefined
  readonly json: boolean
}

/** @throws {CliError} `CLI_BAD_OPTION`, `CLI_BAD_ATTRIBUTE`, `CLI_FILE_UNREADABLE` */
export function resolveCall(flags: CallFlags): CallOptions {
  const rate = decimalNumber('--rate', flags.rate, -1, 10_000_000)
  if (rate === 0) throw new CliError('CLI_BAD_OPTION', 'Cannot use --rate 0: nothing would ever be sent')
  if ((flags.cert === undefined) !== (flags.key === undefined))
    throw new CliError('CLI_BAD_OPTION', '--cert and --key belong together')
  const secure = flags.tls === true || flags.ca !== undefined || flags.cert !== undefined
  return {
    client: {
      address: flags.mixer,
      tls: secure ? { ca: flags.ca, cert: flags.cert, key: flags.key } : undefined,
      timeoutMs: durationMs('--timeout', flags.timeout),
      traceparent: flags.traceparent,
    },
    sets: attributeSets(flags),
    repeat: wholeNumber('--repeat', flags.repeat, 1),
    concurrency: wholeNumber('--concurrency', flags.concurrency, 1, 10_000),
    ratePerSecond: rate < 0 ? undefined : rate,
    json: flags.json === true,
  }
}

/** Those of the file, each with those of the flags on top. */
function attributeSets(flags: CallFlags): AttributeValues[] {
  const typed = new Map<string, Value>()
  for (const list of flags.attributes ?? [])
    for (const [name, text] of parseList(list)) typed.set(name, guessAttribute(text))
  const lists: readonly (readonly [SentType, readonly string[] | undefined])[] = [
    ['string', flags.string_attributes],
    ['int64', flags.int64_attributes],
    ['double', flags.double_attributes],
    ['bool', flags.bool_attributes],
    ['timestamp', flags.timestamp_attributes],
    ['duration', flags.duration_attributes],
    ['bytes', flags.bytes_attributes],
    ['stringmap', flags.stringmap_attributes],
  ]
  for (const [type, given] of lists)
    for (const list of given ?? [])
      for (const [name, text] of parseList(list)) typed.set(name, parseAttribute(name, type, text))
  const sets = flags.attributesFile === undefined ? [] : readAttributeSets(flags.attributesFile)
  return (sets.length === 0 ? [{}] : sets).map(set => ({ ...set, ...Object.fromEntries(typed) }))
}
