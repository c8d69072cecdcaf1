import { jsonNameOf } from '../json-name.js'
import { modelPackage, policyPackage } from '../policy-types.js'
import { messageType, scalarTypes } from './model.js'
import type { FieldSource, FileSource, MessageSource } from './write.js'

/** A file that templates refer to: messages as texts of fields, `number name: type`; `[]` behind the type: a list. */
interface SupportRow {
  readonly packageName: string
  readonly imports: readonly string[]
  readonly messages: Readonly<Record<string, string>>
}

const any = 'google/protobuf/any.proto'
const duration = 'google/protobuf/duration.proto'
const timestamp = 'google/protobuf/timestamp.proto'
const status = 'google/rpc/status.proto'
const policy = 'istio/policy/v1beta1/type.proto'
const model = 'istio/mixer/adapter/model/v1beta1'

/** In order: each behind what it imports. Source: reference wire-adapter-model, 2, and wire-policy-config, 1.2. */
const rows: Readonly<Record<string, SupportRow>> = {
  [any]: {
    packageName: 'google.protobuf',
    imports: [],
    messages: { Any: '1 type_url: string, 2 value: bytes' },
  },
  [duration]: {
    packageName: 'google.protobuf',
    imports: [],
    messages: { Duration: '1 seconds: int64, 2 nanos: int32' },
  },
  [timestamp]: {
    packageName: 'google.protobuf',
    imports: [],
    messages: { Timestamp: '1 seconds: int64, 2 nanos: int32' },
  },
  [status]: {
    packageName: 'google.rpc',
    imports: [any],
    messages: { Status: '1 code: int32, 2 message: string, 3 details: google.protobuf.Any[]' },
  },
  [policy]: {
    packageName: policyPackage,
    imports: [duration, timestamp],
    messages: {
      Value: `1 string_value: string, 2 int64_value: int64, 3 double_value: double, 4 bool_value: bool,
        5 ip_address_value: istio.policy.v1beta1.IPAddress, 6 timestamp_value: istio.policy.v1beta1.TimeStamp,
        7 duration_value: istio.policy.v1beta1.Duration, 8 email_address_value: istio.policy.v1beta1.EmailAddress,
        9 dns_name_value: istio.policy.v1beta1.DNSName, 10 uri_value: istio.policy.v1beta1.Uri,
        11 string_map_value: istio.policy.v1beta1.StringMap`,
      IPAddress: '1 value: bytes',
      Duration: '1 value: google.protobuf.Duration',
      TimeStamp: '1 value: google.protobuf.Timestamp',
      DNSName: '1 value: string',
      EmailAddress: '1 value: string',
      Uri: '1 value: string',
      StringMap: '1 value: istio.policy.v1beta1.StringMap.ValueEntry[]',
    },
  },
  [`${model}/check.proto`]: {
    packageName: modelPackage,
    imports: [duration, status],
    messages: {
      CheckResult:
        '1 status: google.rpc.Status, 2 valid_duration: google.protobuf.Duration, 3 valid_use_count: int32',
    },
  },
  [`${model}/report.proto`]: { packageName: modelPackage, imports: [], messages: { ReportResult: '' } },
  [`${model}/quota.proto`]: {
    packageName: modelPackage,
    imports: [duration, status],
    messages: {
      QuotaRequest: `1 quotas: ${modelPackage}.QuotaRequest.QuotasEntry[]`,
      QuotaResult: `1 quotas: ${modelPackage}.QuotaResult.QuotasEntry[]`,
    },
  },
}

/** The messages that stand inside others, by the full name of the outer one. */
const nestedRows: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  [`${policyPackage}.StringMap`]: { ValueEntry: '1 key: string, 2 value: string' },
  [`${modelPackage}.QuotaRequest`]: {
    QuotaParams: '1 amount: int64, 2 best_effort: bool',
    QuotasEntry: `1 key: string, 2 value: ${modelPackage}.QuotaRequest.QuotaParams`,
  },
  [`${modelPackage}.QuotaResult`]: {
    Result:
      '2 valid_duration: google.protobuf.Duration, 3 granted_amount: int64, 4 status: google.rpc.Status',
    QuotasEntry: `1 key: string, 2 value: ${modelPackage}.QuotaResult.Result`,
  },
}

const typeNumbers = new Map<string, number>([...scalarTypes].map(([number, name]) => [name, number]))

/** The number of a scalar type in descriptors, or undefined when it is the name of a message. */
export function scalarNumber(type: string): number | undefined {
  return typeNumbers.get(type)
}

function fields(text: string): FieldSource[] {
  if (text === '') return []
  return text.split(',').map(part => {
    const [, number, name, type, list] = /^\s*(\d+) (\w+): ([\w.]+)(\[\])?\s*$/.exec(part) ?? []
    if (number === undefined || name === undefined || type === undefined)
      throw new TypeError(`field "${part}"`)
    const scalar = scalarNumber(type)
    return {
      name,
      jsonName: jsonNameOf(name),
      number: Number(number),
      repeated: list !== undefined,
      type: scalar ?? messageType,
      typeName: scalar === undefined ? type : '',
    }
  })
}

function supportMessage(fullName: string, name: string, text: string): MessageSource {
  return {
    name,
    fields: fields(text),
    nested: Object.entries(nestedRows[fullName] ?? {}).map(([inner, innerText]) => ({
      name: inner,
      fields: fields(innerText),
      nested: [],
      enums: [],
      isMapEntry: inner.endsWith('Entry'),
    })),
    enums: [],
    isMapEntry: false,
  }
}

/** The files that define the types which templates may refer to, by name, in order of dependency. */
export const supportFiles: ReadonlyMap<string, FileSource> = new Map(
  Object.entries(rows).map(([name, { packageName, imports, messages }]) => [
    name,
    {
      name,
      packageName,
      dependencies: imports,
      messages: Object.entries(messages).map(([message, text]) =>
        supportMessage(`${packageName}.${message}`, message, text),
      ),
      enums: [],
      service: undefined,
      template: undefined,
    },
  ]),
)

const homes = new Map<string, string>()
for (const [file, { packageName, messages }] of supportFiles) {
  for (const { name } of messages) homes.set(`${packageName}.${name}`, file)
}

/** The file of {@link supportFiles} that defines a type, by the type's full name. */
export function supportFileOf(fullName: string): string | undefined {
  return homes.get(fullName)
}
