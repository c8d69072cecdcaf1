export { builtinTemplate, builtinTemplateNames } from './builtin.js'
export { templateToDescriptorSet } from './descriptor/from-definition.js'
export {
  type DescriptorSet,
  type EnumDescriptor,
  enumType,
  type FieldDescriptor,
  type FileDescriptor,
  type MessageDescriptor,
  messageType,
  scalarTypes,
} from './descriptor/model.js'
export { readDescriptorSet } from './descriptor/read.js'
export { descriptorBytes, templateFromDescriptorSet } from './descriptor/template.js'
export { TemplateError, type TemplateErrorCode } from './errors.js'
export { nearest } from './nearest.js'
export { outputTypes } from './output.js'
export { decodeInstance, decodeOutput, encodeInstance, encodeOutput } from './template-codec.js'
export { KnownRecords } from './wire/known-records.js'
export { timestampRange, valueMember, writeDuration, writeTexts, writeTimestamp } from './wire/policy.js'
export { PlainRecord } from './wire/record.js'
export { Trust } from './wire/trust.js'
export { WireWriter } from './wire/writer.js'
