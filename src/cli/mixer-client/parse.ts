import { isIP } from 'node:net'
import type { Value } from '@outboard/adapters-sdk'
import { parseDuration } from '../../mixer/expr/duration.js'
import { CliError } from '../errors.js'

const rfc3339 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9})\d*)?(Z|[+-]\d\d:\d\d)$/i
const goTrue = new Set(['1', 't', 'T', 'true', 'TRUE', 'True'])
const goFalse = new Set(['0', 'f', 'F', 'false', 'FALSE', 'False'])

/** The kinds of attribute that have a map of their own on the wire; the other types travel as one of these. */
export type SentType =
  | 'string'
  | 'int64'
  | 'double'
  | 'bool'
  | 'timestamp'
  | 'duration'
  | 'bytes'
  | 'stringmap'

const parsers: Readonly<Record<SentType, (text: string) => Value | undefined>> = {
  string: value => ({ type: 'STRING', value }),
  int64: text => {
    if (!/^[+-]?\d{1,19}$/.test(text)) return undefined
    const value = BigInt(text.replace(/^\+/, ''))
    return BigInt.asIntN(64, value) === value ? { type: 'INT64', value } : undefined
  },
  double: text => {
    if (!/^[+-]?(\d+\.?\d*([eE][+-]?\d+)?|\.\d+([eE][+-]?\d+)?|inf(inity)?|nan)$/i.test(text))
      return undefined
    if (/inf/i.test(text)) return { type: 'DOUBLE', value: text.startsWith('-') ? -Infinity : Infinity }
    return { type: 'DOUBLE', value: Number(text) }
  },
  bool: text => {
    if (goTrue.has(text)) return { type: 'BOOL', value: true }
    return goFalse.has(text) ? { type: 'BOOL', value: false } : undefined
  },
  timestamp: text => {
    const match = rfc3339.exec(text)
    const ms = Date.parse(`${match?.[1]}${match?.[3]?.toUpperCase()}`)
    if (match === null || Number.isNaN(ms)) return undefined
    const nanos = Number((match[2] ?? '').padEnd(9, '0'))
    return { type: 'TIMESTAMP', value: { seconds: ms / 1_000, nanos } }
  },
  duration: text => {
    const nanos = parseDuration(text)
    return nanos === undefined ? undefined : { type: 'DURATION', value: BigInt(nanos) }
  },
  bytes: text => {
    const parts = text.split(':')
    if (!parts.every(part => /^[0-9a-fA-F]{1,2}$/.test(part))) return undefined
    return { type: 'IP_ADDRESS', value: Uint8Array.from(parts, part => Number.parseInt(part, 16)) }
  },
  stringmap: text => {
    const entries: [string, string][] = []
    for (const entry of text.split(';')) {
      const colon = entry.indexOf(':')
      if (colon < 0) return undefined
      entries.push([entry.slice(0, colon), entry.slice(colon + 1)])
    }
    return { type: 'STRING_MAP', value: Object.fromEntries(entries) }
  },
}

/** The order in which a value without a stated type is tried. Source: reference proxy-client, section 10. */
const autoOrder: readonly SentType[] = [
  'int64',
  'double',
  'bool',
  'timestamp',
  'duration',
  'bytes',
  'stringmap',
  'string',
]

/** A value of a stated type. @throws {CliError} `CLI_BAD_ATTRIBUTE` */
export function parseAttribute(name: string, type: SentType, text: string): Value {
  const parsed = parsers[type](text)
  if (parsed === undefined)
    throw new CliError('CLI_BAD_ATTRIBUTE', `Cannot read attribute "${name}": "${text}" is no ${type}`)
  return parsed
}

/** A value whose type is guessed from how it looks. */
export function guessAttribute(text: string): Value {
  for (const type of autoOrder) {
    const parsed = parsers[type](text)
    if (parsed !== undefined) return parsed
  }
  return { type: 'STRING', value: text }
}

/** `name=value,name=value`, without escapes. @throws {CliError} `CLI_BAD_ATTRIBUTE` */
export function parseList(list: string): [name: string, value: string][] {
  return list.split(',').map(pair => {
    const equals = pair.indexOf('=')
    if (equals <= 0)
      throw new CliError(
        'CLI_BAD_ATTRIBUTE',
        `Cannot read "${pair}" of "${list}": wanted name=value,name=value`,
      )
    return [pair.slice(0, equals), pair.slice(equals + 1)]
  })
}

/** The bytes of an IP address, as Mixer sends them: 4 or 16. */
export function addressBytes(text: string): Uint8Array | undefined {
  const version = isIP(text)
  if (version === 0) return undefined
  if (version === 4) return Uint8Array.from(text.split('.'), Number)
  const host = new URL(`http://[${text.replace(/%.*$/, '')}]`).hostname.slice(1, -1)
  const [head = '', tail] = host.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const groups = [...left, ...new Array<string>(8 - left.length - right.length).fill('0'), ...right]
  return Uint8Array.from(
    groups.flatMap(group => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255]),
  )
}
