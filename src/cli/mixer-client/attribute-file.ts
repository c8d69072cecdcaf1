import { readFileSync } from 'node:fs'
import type { AttributeValues, Value } from '@outboard/adapters-sdk'
import { CliError } from '../errors.js'
import { addressBytes, parseAttribute } from './parse.js'

/** Istio's attributes whose text stands for something else. Others are sent as the strings they are. */
const knownTypes: ReadonlyMap<string, 'timestamp' | 'duration' | 'ip'> = new Map([
  ['request.time', 'timestamp'],
  ['response.time', 'timestamp'],
  ['context.time', 'timestamp'],
  ['context.timestamp', 'timestamp'],
  ['response.duration', 'duration'],
  ['connection.duration', 'duration'],
  ['source.ip', 'ip'],
  ['destination.ip', 'ip'],
  ['origin.ip', 'ip'],
])

/**
 * Reads `{"name": value}`: text, whole numbers (INT64), other numbers (DOUBLE), booleans, and objects of texts
 * (STRING_MAP). Istio's times, durations and addresses are recognised by name and written as text.
 * @throws {CliError} `CLI_FILE_UNREADABLE`, `CLI_BAD_ATTRIBUTE`
 */
export function readAttributeFile(path: string): AttributeValues {
  return attributesOfJson(path, parseFile(path))
}

/** As {@link readAttributeFile}, for a file with an array of such objects or with one. */
export function readAttributeSets(path: string): AttributeValues[] {
  const parsed = parseFile(path)
  return Array.isArray(parsed)
    ? parsed.map(set => attributesOfJson(path, set))
    : [attributesOfJson(path, parsed)]
}

function parseFile(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new CliError('CLI_FILE_UNREADABLE', `Cannot read attributes from ${path}: ${why}`, { cause })
  }
}

function attributesOfJson(path: string, parsed: unknown): AttributeValues {
  if (!isRecord(parsed))
    throw new CliError('CLI_FILE_UNREADABLE', `Cannot read attributes from ${path}: wanted {"name": value}`)
  return Object.fromEntries(
    Object.entries(parsed).map(([name, value]) => [name, attributeOfJson(name, value)]),
  )
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function attributeOfJson(name: string, value: unknown): Value {
  if (typeof value === 'string') return attributeOfText(name, value)
  if (typeof value === 'boolean') return { type: 'BOOL', value }
  if (typeof value === 'number')
    return Number.isSafeInteger(value) ? { type: 'INT64', value: BigInt(value) } : { type: 'DOUBLE', value }
  if (isRecord(value)) {
    const entries = Object.entries(value).map(([key, text]): [string, string] => {
      if (typeof text !== 'string')
        throw new CliError('CLI_BAD_ATTRIBUTE', `Cannot read attribute "${name}": entry "${key}" is no text`)
      return [key, text]
    })
    return { type: 'STRING_MAP', value: Object.fromEntries(entries) }
  }
  throw new CliError(
    'CLI_BAD_ATTRIBUTE',
    `Cannot read attribute "${name}": wanted text, number, boolean or an object of texts`,
  )
}

function attributeOfText(name: string, text: string): Value {
  const known = knownTypes.get(name)
  switch (known) {
    case undefined:
      return { type: 'STRING', value: text }
    case 'timestamp':
    case 'duration':
      return parseAttribute(name, known, text)
    case 'ip': {
      const value = addressBytes(text)
      if (value === undefined)
        throw new CliError('CLI_BAD_ATTRIBUTE', `Cannot read attribute "${name}": "${text}" is no IP address`)
      return { type: 'IP_ADDRESS', value }
    }
  }
}
