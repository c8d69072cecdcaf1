import type { FieldValue, WireWriter } from '@outboard/adapters-sdk'
import type { AttributeValue } from '../../attributes/index.js'
import type { EvalFailure } from '../../expr/index.js'

/** How an attribute value of one type goes into a field of one type: two outputs of one conversion. */
export interface Leaf {
  /** 0, 1, 2 or 5. */
  readonly wireType: number
  /** Writes the content behind the field's key; or says why the value does not fit. */
  write(writer: WireWriter, value: AttributeValue): EvalFailure | undefined
  /** The same as a plain record holds it. */
  field(value: AttributeValue): FieldValue | EvalFailure
}

/** A leaf that takes every value of its form. */
export function leaf<T>(
  wireType: number,
  form: (value: AttributeValue) => T,
  write: (writer: WireWriter, value: T) => void,
  field: (value: T) => FieldValue,
): Leaf {
  return {
    wireType,
    write(writer, value) {
      write(writer, form(value))
      return undefined
    },
    field: value => field(form(value)),
  }
}
