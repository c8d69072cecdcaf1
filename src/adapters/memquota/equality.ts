import type { Timestamp, Value } from '@outboard/adapters-sdk'
import { parseDuration } from '../values/duration.js'
import { valueText } from '../values/text.js'
import { parseTime } from '../values/time.js'

const trueTexts = new Set(['1', 't', 'T', 'TRUE', 'true', 'True'])
const falseTexts = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False'])

/**
 * A text of the configuration, compared with values by reading it as the value's type: `"8"` equals the integer 8,
 * `"1m"` the duration 60s, `"T"` the boolean true (the spellings are Go's). A missing value equals the empty text only.
 */
export class ConfiguredText {
  readonly #int64: bigint | undefined
  readonly #double: number | undefined
  readonly #bool: boolean | undefined
  readonly #time: Timestamp | undefined
  readonly #duration: bigint | undefined

  constructor(readonly text: string) {
    this.#int64 = /^[+-]?\d+$/.test(text) ? BigInt(text.replace('+', '')) : undefined
    this.#double = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined
    this.#bool = trueTexts.has(text) ? true : falseTexts.has(text) ? false : undefined
    this.#time = parseTime(text)
    this.#duration = parseDuration(text)
  }

  equals(value: Value | undefined): boolean {
    if (value === undefined) return this.text === ''
    switch (value.type) {
      case 'INT64':
        return this.#int64 === value.value
      case 'DOUBLE':
        return this.#double === value.value
      case 'BOOL':
        return this.#bool === value.value
      case 'TIMESTAMP':
        return this.#time?.seconds === value.value.seconds && this.#time.nanos === value.value.nanos
      case 'DURATION':
        return this.#duration === value.value
      case 'STRING':
      case 'EMAIL_ADDRESS':
      case 'URI':
      case 'DNS_NAME':
      case 'IP_ADDRESS':
      case 'STRING_MAP':
        return this.text === valueText(value)
    }
  }
}
