import { FrameReader } from '../protocol/reader.js'
import type { SettingsSchema } from '../settings.js'
import { type DocumentedField, invalid, Problems } from './field.js'
import { type Members, type MembersOf, objectKind, type WholeCheck } from './message.js'

export interface ObjectOptions<T> {
  /** The full name of the adapter's protobuf message, for Istio's unary services: `adapter.denier.config.Params`. */
  readonly message?: string
  /** Looks at the settings as a whole, after every field was found good. */
  readonly check?: WholeCheck<T>
  /** One sentence for the documentation. */
  readonly description?: string
}

/** A settings schema made of fields; it can also describe itself as a table. */
export interface ObjectSchema<T> extends SettingsSchema<T> {
  /** Every field, also the nested ones, in the order of definition. */
  readonly fields: readonly DocumentedField[]
}

/**
 * The settings of an adapter: an object of fields.
 * @example
 * const schema = settings.object({
 *   code: settings.integer({ default: 7, description: 'The status code of every denial' }),
 *   validDuration: settings.duration({ default: '5s', min: 0 }),
 * })
 */
export function object<const M extends Members>(
  members: M,
  options: ObjectOptions<MembersOf<M>> = {},
): ObjectSchema<MembersOf<M>> {
  const kind = objectKind(members, options.check)
  const { message: fullName, description } = options
  return {
    resolve(raw) {
      const problems = new Problems()
      const settings = kind.resolve(raw ?? {}, '', problems)
      return settings === invalid ? { problems: problems.list } : { settings }
    },
    jsonSchema: {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      ...(description !== undefined && { description }),
      ...kind.jsonSchema,
    },
    fields: kind.document(''),
    ...(fullName !== undefined && {
      message: {
        fullName,
        decode: (bytes: Uint8Array) => kind.readMessage(new FrameReader(bytes), bytes.length),
      },
    }),
  }
}

/** A Markdown table of a schema's fields, for an adapter's documentation. */
export function settingsTable(schema: ObjectSchema<unknown>): string {
  const lines = schema.fields.map(
    field =>
      `| \`${field.path}\` | ${field.type} | ${field.default === '' ? '' : `\`${field.default}\``} | ${field.description} |`,
  )
  return ['| setting | type | default | meaning |', '|---|---|---|---|', ...lines, ''].join('\n')
}
