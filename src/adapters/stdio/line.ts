import type { Instance, Timestamp, Value } from '@outboard/adapters-sdk'
import { valueField, valueMapField } from '../values/fields.js'
import { doubleText, valueText } from '../values/text.js'
import { timeText } from '../values/time.js'

/** How loud a line is, and how lines name it. */
export type Level = 'INFO' | 'WARNING' | 'ERROR'

const levelNames: Readonly<Record<Level, string>> = { INFO: 'info', WARNING: 'warn', ERROR: 'error' }

/** The keys that each line begins with. */
const leadingKeys: ReadonlySet<string> = new Set(['level', 'time', 'instance'])

/** One line before it is written. */
export interface Entry {
  readonly level: Level
  readonly time: Timestamp
  readonly instance: string
  /** In the order of the line. */
  readonly fields: readonly (readonly [name: string, value: Value])[]
}

/** A metric's fields: its value, then its dimensions by name. */
export function metricFields(instance: Instance): readonly (readonly [string, Value])[] {
  const value = valueField(instance, 'value')
  const dimensions = valueMapField(instance, 'dimensions')
  return value === undefined ? dimensions : [['value', value], ...dimensions]
}

/** One JSON object: level, time, instance, then the fields. Without the line's end. */
export function jsonLine(entry: Entry): string {
  const head = `"level":"${levelNames[entry.level]}","time":"${timeText(entry.time)}","instance":${quoted(entry.instance)}`
  return `{${head}${entry.fields.map(([name, value]) => `,${member(name, value)}`).join('')}}`
}

/** Time, level, instance and the fields as JSON, with tabs between them. Without the line's end. */
export function consoleLine(entry: Entry): string {
  const fields = entry.fields.map(([name, value]) => member(name, value)).join(',')
  // A tab or a line's end in a name must not look like the next column or line.
  const instance = quoted(entry.instance).slice(1, -1)
  const columns = [timeText(entry.time), levelNames[entry.level], instance]
  return (fields === '' ? columns : [...columns, `{${fields}}`]).join('\t')
}

/**
 * A field named like one of the leading keys gets an underscore: with the same key twice in an object, readers do not
 * agree which one counts, and a line could lie about its level.
 */
function member(name: string, value: Value): string {
  return `${quoted(leadingKeys.has(name) ? `${name}_` : name)}:${jsonValue(value)}`
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
