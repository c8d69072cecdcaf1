/**
 * What can be wrong with a descriptor set.
 * - `TEMPLATE_BASE64`: the text is not standard base64
 * - `TEMPLATE_MALFORMED`: the bytes are no FileDescriptorSet, or contradict themselves
 * - `TEMPLATE_TOO_LARGE`: above a limit of size, of messages or of nesting
 * - `TEMPLATE_VARIETY`: no file, or more than one, carries `template_variety`; or the variety is unknown
 * - `TEMPLATE_NAME`: `template_name` is missing or not all letters
 * - `TEMPLATE_SERVICE`: no service whose name begins with `Handle`, or one without methods
 * - `TEMPLATE_MESSAGE`: the message `InstanceMsg` (of an adapter's settings: `Params`) is missing or lacks its name field
 * - `TEMPLATE_UNRESOLVED`: a field's type is not in the set
 * - `TEMPLATE_FIELD`: a field of a type that no instance can hold
 */
export type TemplateErrorCode =
  | 'TEMPLATE_BASE64'
  | 'TEMPLATE_MALFORMED'
  | 'TEMPLATE_TOO_LARGE'
  | 'TEMPLATE_VARIETY'
  | 'TEMPLATE_NAME'
  | 'TEMPLATE_SERVICE'
  | 'TEMPLATE_MESSAGE'
  | 'TEMPLATE_UNRESOLVED'
  | 'TEMPLATE_FIELD'

/** A descriptor set cannot be used. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError'
  constructor(
    readonly code: TemplateErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}
