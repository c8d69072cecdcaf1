export type { Adapter, AdapterDefinition, AdapterHost, HandlerVerbs } from './adapter.js'
export { grantProblem, producedProblem, verdictProblem } from './answer-problem.js'
export { Code, type CodeName, codeName } from './code.js'
export type { Call, FieldRecord, FieldValue, Handler, Instance, Produced } from './contract.js'
export { defineAdapter } from './define-adapter.js'
export { AdapterError, type AdapterErrorCode, SettingsError, type SettingsProblem } from './errors.js'
export { type Grant, granted, type QuotaRequest } from './grant.js'
export { isHeaderName, isHeaderValue } from './header-text.js'
export {
  type DocumentedField,
  durationText,
  type Field,
  type ObjectSchema,
  parseDurationMs,
  type SettingsOf,
  settings,
  settingsTable,
} from './settings/index.js'
export type { SettingsSchema } from './settings.js'
export {
  type FieldShape,
  type FieldType,
  instanceNameField,
  type MessageShape,
  type ScalarType,
  type TemplateDefinition,
  type Variety,
} from './template.js'
export {
  builtinTemplate,
  builtinTemplateNames,
  type DescriptorSet,
  decodeInstance,
  decodeOutput,
  descriptorBytes,
  type EnumDescriptor,
  encodeInstance,
  encodeOutput,
  enumType,
  type FieldDescriptor,
  type FileDescriptor,
  KnownRecords,
  type MessageDescriptor,
  messageType,
  nearest,
  outputTypes,
  PlainRecord,
  readDescriptorSet,
  scalarTypes,
  TemplateError,
  type TemplateErrorCode,
  Trust,
  templateFromDescriptorSet,
  templateToDescriptorSet,
  timestampRange,
  valueMember,
  WireWriter,
  writeDuration,
  writeTexts,
  writeTimestamp,
} from './templates/index.js'
export { type AttributeValues, type Timestamp, type Value, type ValueType, valueTypes } from './values.js'
export {
  type Allow,
  type AllowOptions,
  allow,
  type Caching,
  type Deny,
  type DenyOptions,
  type DirectResponse,
  deny,
  type Failed,
  type HeaderOperation,
  type Metadata,
  type Verdict,
} from './verdict.js'
