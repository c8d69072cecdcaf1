import type { FieldValue } from '../../contract.js'

/**
 * A record whose keys may come from anywhere: it inherits nothing, so that `record['constructor']` is absent unless
 * somebody wrote it, and `__proto__` is a key like any other. Keeps the speed of ordinary objects, which
 * `Object.create(null)` does not.
 */
export class PlainRecord<T = FieldValue | undefined> {
  [field: string]: T
}
Reflect.deleteProperty(PlainRecord.prototype, 'constructor')
Object.setPrototypeOf(PlainRecord.prototype, null)
