import { type Field, found, type Kind, makeChecked, type Presence } from './field.js'

/** JSON-like data: what a settings document can hold. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

/** Levels of nesting that free-form settings may have. */
const maxDepth = 32

/** Free-form data, passed on as it is; at most 32 levels deep. */
export function json(options: Presence<Json> & { readonly optional: true }): Field<Json | undefined>
export function json(options?: Presence<Json>): Field<Json>
export function json(options: Presence<Json> = {}): Field<Json | undefined> {
  const kind: Kind<Json> = {
    typeName: 'any JSON',
    jsonSchema: {},
    resolve: (raw, path, problems) =>
      isJson(raw, maxDepth) ? raw : problems.note(path, `must be JSON-like data, not ${found(raw)}`),
    wire: undefined,
  }
  return makeChecked(kind, options)
}

function isJson(raw: unknown, depth: number): raw is Json {
  switch (typeof raw) {
    case 'string':
    case 'boolean':
      return true
    case 'number':
      return Number.isFinite(raw)
    case 'object':
      return raw === null || (depth > 0 && Object.values(raw).every(value => isJson(value, depth - 1)))
    case 'bigint':
    case 'symbol':
    case 'undefined':
    case 'function':
      return false
  }
}
