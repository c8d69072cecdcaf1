import { list, map } from './collections.js'
import { duration } from './duration.js'
import { enumeration } from './enumeration.js'
import { json } from './json.js'
import { message } from './message.js'
import { any, oneOf } from './one-of.js'
import { boolean, bytes, int64, integer, number, string } from './scalars.js'
import { object } from './schema.js'

/** The builders of settings schemas. */
export const settings = {
  object,
  message,
  string,
  integer,
  int64,
  number,
  boolean,
  bytes,
  duration,
  enumeration,
  list,
  map,
  oneOf,
  any,
  json,
} as const

export { durationText, parseDurationMs } from './duration.js'
export type { DocumentedField, Field, SettingsOf } from './field.js'
export { type ObjectSchema, settingsTable } from './schema.js'
