import { AdapterError, decodeOutput, type TemplateDefinition, type Verdict } from '@outboard/adapters-sdk'
import { failedWith, failure, messageOf } from '../failure.js'

/** An output as attributes, or why it is none. */
export function outputOf(
  template: TemplateDefinition,
  bytes: Uint8Array,
): ReturnType<typeof decodeOutput> | AdapterError {
  try {
    return decodeOutput(template, bytes)
  } catch (thrown) {
    if (thrown instanceof AdapterError) return thrown
    return failure('ADAPTER_PROTOCOL', `Cannot decode the output: ${messageOf(thrown)}`, thrown)
  }
}

/** An allow with the attributes that came with it; a denial has none. */
export function withOutput(verdict: Verdict, template: TemplateDefinition, bytes: Uint8Array): Verdict {
  if (verdict.kind !== 'allow' || bytes.length === 0) return verdict
  const output = outputOf(template, bytes)
  return output instanceof AdapterError ? failedWith(output) : { ...verdict, output }
}
