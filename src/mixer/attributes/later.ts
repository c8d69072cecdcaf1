import type { AttributeValue } from './value.js'

/**
 * A value that is made when it is first read: a proxy reports some forty attributes of a request, of which a
 * configuration looks at ten. Making it can no longer fail.
 */
export abstract class Later {
  /** Always the same, however often it is asked for. */
  abstract value(): AttributeValue
}
