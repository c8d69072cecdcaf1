import type { Timestamp, Value } from '@outboard/adapters-sdk'
import { doubleText, valueText } from '../values/text.js'
import { timeText } from '../values/time.js'

/** How loud a line is, and how lines name it. */
export type Level = 'INFO' | 'WARNING' | 'ERROR'

const levelNames: Readonly<Record<Level, string>> = { INFO: 'info', WARNING: 'warn', ERROR: 'error' }

/** The keys that are a line's own, by what it is of. */
const ownKeys: Readonly<Record<Entry['template'], ReadonlySet<string>>> = {
  logentry: new Set(['level', 'time', 'instance']),
  metric: new Set(['level', 'time', 'instance', 'value']),
}

/** One line before it is written. */
export interface Entry {
  readonly template: 'logentry' | 'metric'
  readonly level: Level
  readonly time: Timestamp
  readonly instance: string
  /** Of a metric; undefined when it was not configured. */
  readonly value: Value | undefined
  /** In the order of the line. */
  readonly fields: readonly (readonly [name: string, value: Value])[]
}

/** One JSON object: level, time, instance, a metric's value, then the fields. Without the line's end. */
export function jsonLine(entry: Entry): string {
  const head = `"level":"${levelNames[entry.level]}","time":"${timeText(entry.time)}","instance":${quoted(entry.instance)}`
  const members = membersOf(entry)
  return members === '' ? `{${head}}` : `{${head},${members}}`
}

/** Time, level, instance, and a metric's value and the fields as JSON, with tabs between them. Without the line's end. */
export function consoleLine(entry: Entry): string {
  const fields = membersOf(entry)
  // A tab or a line's end in a name must not look like the next column or line.
  const instance = quoted(entry.instance).slice(1, -1)
  const columns = [timeText(entry.time), levelNames[entry.level], instance]
  return (fields === '' ? columns : [...columns, `{${fields}}`]).join('\t')
}

function membersOf({ template, value, fields }: Entry): string {
  const own = ownKeys[template]
  let members = value === undefined ? '' : `"value":${jsonValue(value)}`
  for (const [name, field] of fields) {
    const member = `${quoted(freeKey(name, own))}:${jsonValue(field)}`
    members = members === '' ? member : `${members},${member}`
  }
  return members
}

/**
 * A field named like one of the line's own keys gets an underscore: with the same key twice in an object, readers do not
 * agree which one counts, and a line could lie about its level. So does one that has underscores behind such a name
 * already, so that no two fields become one.
 */
function freeKey(name: string, own: ReadonlySet<string>): string {
  let end = name.length
  while (name[end - 1] === '_') end--
  return own.has(end === name.length ? name : name.slice(0, end)) ? `${name}_` : name
}

function jsonValue(value: Value): string {
  switch (value.type) {
    case 'INT64':
      return value.value.toString()
    case 'BOOL':
      return value.value ? 'true' : 'false'
    case 'DOUBLE':
      return Number.isFinite(value.value) ? doubleText(value.value) : quoted(doubleText(value.value))
    case 'STRING':
    case 'EMAIL_ADDRESS':
    case 'URI':
    case 'DNS_NAME':
    case 'TIMESTAMP':
    case 'DURATION':
    case 'IP_ADDRESS':
    case 'STRING_MAP':
      return quoted(valueText(value))
  }
}

/**
 * A JSON string in which nothing can end the line or command a terminal: JSON escapes what is below 0x20; the second
 * block of control characters and Unicode's own line ends are escaped here.
 */
function quoted(text: string): string {
  // Most texts need no escape; looking first takes half the time.
  if (/^[ !#-[\]-~]*$/.test(text)) return `"${text}"`
  return JSON.stringify(text).replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
