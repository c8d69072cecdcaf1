import { readdirSync, readFileSync } from 'node:fs'
import {
  builtinTemplate,
  builtinTemplateNames,
  encodeInstance,
  type FieldShape,
  type FieldType,
  type MessageShape,
  type TemplateDefinition,
} from '@outboard/adapters-sdk'
import protobuf from 'protobufjs'
import t from 'tap'

const folder = 'adapters-sdk/proto'

/** Templates that only tests use: nobody needs their `.proto` files. */
const testDoubles = ['sampleapa', 'samplecheck', 'checkproducer', 'samplequota', 'samplereport']

function template(name: string): TemplateDefinition {
  const found = builtinTemplate(name)
  if (found === undefined) throw new TypeError(name)
  return found
}

/** A field's type as a `.proto` file writes it. */
function protoType(type: FieldType): string {
  switch (type.kind) {
    case 'scalar':
      return type.scalar
    case 'value':
      return 'istio.policy.v1beta1.Value'
    case 'wrapped':
      return `istio.policy.v1beta1.${wrappers[type.valueType] ?? '?'}`
    case 'map':
      return `map<string, ${protoType(type.value)}>`
    case 'message':
      return type.shape().fullName.split('.').at(-1) ?? ''
    case 'enum':
    case 'wellknown':
    case 'repeated':
      return `no built-in template has a field of kind ${type.kind}`
  }
}

const wrappers: Readonly<Record<string, string>> = {
  IP_ADDRESS: 'IPAddress',
  TIMESTAMP: 'TimeStamp',
  DURATION: 'Duration',
  DNS_NAME: 'DNSName',
}

function fileField(field: protobuf.Field): string {
  const type = field instanceof protobuf.MapField ? `map<${field.keyType}, ${field.type}>` : field.type
  return `${field.id} ${field.name}: ${type}`
}

function tableField({ number, name, type }: FieldShape): string {
  return `${number} ${name}: ${protoType(type)}`
}

function sortedFields(type: protobuf.Type): string[] {
  return type.fieldsArray.sort((a, b) => a.id - b.id).map(fileField)
}

const nameField = '72295727 name: string'

t.test('The .proto files of the templates say what the tables say', async t => {
  const files = readdirSync(`${folder}/istio/mixer/template`).map(name => name.replace('.proto', ''))
  t.same(files.sort(), builtinTemplateNames.filter(name => !testDoubles.includes(name)).sort())
  for (const name of files) {
    const { packageName, variety, methodPath, instance, output } = template(name)
    const { root, package: filePackage } = protobuf.parse(
      readFileSync(`${folder}/istio/mixer/template/${name}.proto`, 'utf8'),
      new protobuf.Root(),
      { keepCase: true },
    )
    t.equal(filePackage, packageName)
    const inFile = root.lookup(packageName)
    if (!(inFile instanceof protobuf.Namespace)) throw new TypeError(name)
    const same = (shape: MessageShape, more: readonly string[]) => {
      const type = inFile.lookupType(shape.fullName.split('.').at(-1) ?? '')
      t.same(sortedFields(type), [...shape.fields.map(tableField), ...more], shape.fullName)
      for (const { type: inner } of shape.fields) if (inner.kind === 'message') same(inner.shape(), [])
    }
    same(instance, [nameField])
    if (output === undefined) t.equal(inFile.get('OutputMsg'), null)
    else same(output, [])
    const [, service = '', method = ''] = methodPath.split('/')
    const found = inFile.lookupService(service.split('.').at(-1) ?? '')
    t.same(Object.keys(found.methods), [method], methodPath)
    t.same(root.lookup(packageName)?.root.options ?? {}, {}, 'options belong to the file')
    const text = readFileSync(`${folder}/istio/mixer/template/${name}.proto`, 'utf8')
    t.match(text, `template_variety) = TEMPLATE_VARIETY_${variety};`)
    t.match(text, `template_name) = "${name}";`)
    t.same(requestOf(inFile, method), requestFields(variety))
  }
})

function requestOf(inFile: protobuf.NamespaceBase, method: string): string[] {
  return sortedFields(inFile.lookupType(`${method}Request`))
}

function requestFields(variety: TemplateDefinition['variety']): string[] {
  return [
    variety === 'REPORT' ? '1 instances: InstanceMsg' : '1 instance: InstanceMsg',
    '2 adapter_config: google.protobuf.Any',
    '3 dedup_id: string',
    ...(variety === 'QUOTA' ? ['4 quota_request: istio.mixer.adapter.model.v1beta1.QuotaRequest'] : []),
  ]
}

t.test('Names are found, and only names', async t => {
  t.equal(builtinTemplateNames.length, 17)
  for (const name of builtinTemplateNames) t.equal(template(name).name, name)
  t.equal(template('metric'), template('metric'), 'one object for one name')
  for (const name of ['', 'Metric', 'constructor', '__proto__'])
    t.equal(builtinTemplate(name), undefined, name)
})

t.test('Method paths keep the capitals of Istio', async t => {
  t.equal(template('apikey').methodPath, '/apikey.HandleApiKeyService/HandleApiKey')
  t.equal(template('tracespan').methodPath, '/tracespan.HandleTraceSpanService/HandleTraceSpan')
  t.equal(
    template('kubernetes').methodPath,
    '/adapter.template.kubernetes.HandleKubernetesService/HandleKubernetes',
  )
})

t.test('Another reader of protobuf understands our instances', async t => {
  const root = new protobuf.Root()
  // The options of files extend this message, which the library does not bring along.
  root.define('google.protobuf').add(new protobuf.Type('FileOptions'))
  root.resolvePath = (_origin, file) => {
    if (file.startsWith('istio/') || file === 'google/rpc/status.proto') return `${folder}/${file}`
    return file.startsWith(folder) || protobuf.common.get(file) !== null ? file : null
  }
  await root.load(`${folder}/istio/mixer/template/tracespan.proto`, { keepCase: true })
  const bytes = encodeInstance(template('tracespan'), {
    name: 'span.instance.ns',
    template: 'tracespan',
    fields: {
      trace_id: 'é',
      start_time: { seconds: -1, nanos: 999_999_999 },
      span_tags: { took: { type: 'DURATION', value: -1_500_000_000n }, ok: { type: 'BOOL', value: true } },
      httpStatusCode: -1n,
      client_span: true,
      source_ip: Uint8Array.of(127, 0, 0, 1),
      response_size: 2n ** 62n,
    },
  })
  const type = root.lookupType('tracespan.InstanceMsg')
  const message = type.toObject(type.decode(bytes), { longs: String, bytes: String })
  t.same(message, {
    trace_id: 'é',
    start_time: { value: { seconds: '-1', nanos: 999_999_999 } },
    span_tags: {
      took: { duration_value: { value: { seconds: '-1', nanos: -500_000_000 } } },
      ok: { bool_value: true },
    },
    httpStatusCode: '-1',
    client_span: true,
    source_ip: { value: 'fwAAAQ==' },
    response_size: '4611686018427387904',
    name: 'span.instance.ns',
  })
})
