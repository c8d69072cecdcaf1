import { AdapterError } from '../../errors.js'
import { TemplateError } from '../errors.js'
import { jsonNameOf } from '../json-name.js'
import { WireReader } from '../wire/reader.js'
import type {
  DescriptorSet,
  EnumDescriptor,
  FieldDescriptor,
  FileDescriptor,
  FileOptions,
  MessageDescriptor,
  ServiceDescriptor,
} from './model.js'

/** Bytes of a descriptor set. Published ones have about 100,000. */
const maxSetBytes = 4_194_304

/** Files, messages, enums, fields, enum values, services and methods of a set together. */
const maxItems = 65_536

/** Characters of a message's or enum's full name. */
const maxNameLength = 1_024

/**
 * Reads the bytes of a `google.protobuf.FileDescriptorSet`, whoever made them.
 * @throws {TemplateError} `TEMPLATE_MALFORMED`, `TEMPLATE_TOO_LARGE`
 */
export function readDescriptorSet(bytes: Uint8Array): DescriptorSet {
  if (bytes.length > maxSetBytes) {
    throw new TemplateError(
      'TEMPLATE_TOO_LARGE',
      `Cannot read descriptor set: more than ${maxSetBytes} bytes`,
    )
  }
  try {
    return new SetReader(bytes).read()
  } catch (error) {
    if (!(error instanceof AdapterError)) throw error
    throw new TemplateError('TEMPLATE_MALFORMED', `Cannot read descriptor set: ${error.message}`, {
      cause: error,
    })
  }
}

/** Keys of the descriptor messages' fields: number << 3 | wire type. Source: google/protobuf/descriptor.proto. */
const key = {
  file: 0x0a,
  fileName: 0x0a,
  filePackage: 0x12,
  fileMessage: 0x22,
  fileEnum: 0x2a,
  fileService: 0x32,
  fileOptions: 0x42,
  messageName: 0x0a,
  messageField: 0x12,
  messageNested: 0x1a,
  messageEnum: 0x22,
  messageOptions: 0x3a,
  mapEntry: 0x38,
  fieldName: 0x0a,
  fieldNumber: 0x18,
  fieldLabel: 0x20,
  fieldType: 0x28,
  fieldTypeName: 0x32,
  fieldOneof: 0x48,
  fieldJsonName: 0x52,
  enumName: 0x0a,
  enumValue: 0x12,
  enumValueName: 0x0a,
  enumValueNumber: 0x10,
  serviceName: 0x0a,
  serviceMethod: 0x12,
  methodName: 0x0a,
  templateVariety: (72_295_727 << 3) >>> 0,
  templateName: ((72_295_888 << 3) | 2) >>> 0,
} as const

/** What a message or enum is called is known only once its enclosing names are: read first, named after. */
interface RawMessage {
  name: string
  fields: FieldDescriptor[]
  nested: RawMessage[]
  enums: RawEnum[]
  isMapEntry: boolean
}

interface RawEnum {
  name: string
  values: Map<string, number>
}

class SetReader {
  readonly #reader: WireReader
  readonly #messages = new Map<string, MessageDescriptor>()
  readonly #enums = new Map<string, EnumDescriptor>()
  #items = 0

  constructor(bytes: Uint8Array) {
    this.#reader = new WireReader(bytes)
  }

  read(): DescriptorSet {
    const files: FileDescriptor[] = []
    this.#fields({ [key.file]: () => files.push(this.#file()) })
    return { files, messages: this.#messages, enums: this.#enums }
  }

  #count(): void {
    if (++this.#items > maxItems) {
      throw new TemplateError(
        'TEMPLATE_TOO_LARGE',
        `Cannot read descriptor set: more than ${maxItems} definitions`,
      )
    }
  }

  /** The fields up to the end of the current message; those without an entry are passed over. */
  #fields(on: Readonly<Record<number, () => unknown>>): void {
    const reader = this.#reader
    while (reader.more()) {
      const found = reader.key()
      const act = on[found]
      if (act === undefined) reader.skip(found)
      else act()
    }
  }

  /** A nested message. */
  #message(on: Readonly<Record<number, () => unknown>>): void {
    const outer = this.#reader.enter()
    this.#fields(on)
    this.#reader.leave(outer)
  }

  #file(): FileDescriptor {
    this.#count()
    const reader = this.#reader
    let name = ''
    let packageName = ''
    let options: FileOptions = { variety: undefined, templateName: undefined }
    const messages: RawMessage[] = []
    const enums: RawEnum[] = []
    const services: ServiceDescriptor[] = []
    this.#message({
      [key.fileName]: () => (name = reader.string()),
      [key.filePackage]: () => (packageName = reader.string()),
      [key.fileMessage]: () => messages.push(this.#rawMessage()),
      [key.fileEnum]: () => enums.push(this.#rawEnum()),
      [key.fileService]: () => services.push(this.#service()),
      [key.fileOptions]: () => (options = this.#fileOptions(options)),
    })
    const prefix = packageName === '' ? '' : `${packageName}.`
    return {
      name,
      packageName,
      messages: messages.map(raw => this.#name(raw, prefix)),
      enums: enums.map(raw => this.#nameEnum(raw, prefix)),
      services,
      options,
    }
  }

  #fileOptions(before: FileOptions): FileOptions {
    const reader = this.#reader
    let { variety, templateName } = before
    this.#message({
      [key.templateVariety]: () => (variety = reader.int32()),
      [key.templateName]: () => (templateName = reader.string()),
    })
    return { variety, templateName }
  }

  #rawMessage(): RawMessage {
    this.#count()
    const raw: RawMessage = { name: '', fields: [], nested: [], enums: [], isMapEntry: false }
    const reader = this.#reader
    this.#message({
      [key.messageName]: () => (raw.name = reader.string()),
      [key.messageField]: () => raw.fields.push(this.#field()),
      [key.messageNested]: () => raw.nested.push(this.#rawMessage()),
      [key.messageEnum]: () => raw.enums.push(this.#rawEnum()),
      [key.messageOptions]: () => this.#message({ [key.mapEntry]: () => (raw.isMapEntry = reader.bool()) }),
    })
    return raw
  }

  #field(): FieldDescriptor {
    this.#count()
    const reader = this.#reader
    const field = { name: '', jsonName: '', number: 0, label: 0, type: 0, typeName: '' }
    let oneof: number | undefined
    this.#message({
      [key.fieldName]: () => (field.name = reader.string()),
      [key.fieldNumber]: () => (field.number = reader.int32()),
      [key.fieldLabel]: () => (field.label = reader.int32()),
      [key.fieldType]: () => (field.type = reader.int32()),
      [key.fieldTypeName]: () => (field.typeName = reader.string().replace(/^\./, '')),
      [key.fieldOneof]: () => (oneof = reader.int32()),
      [key.fieldJsonName]: () => (field.jsonName = reader.string()),
    })
    const { name, number, type, typeName } = field
    if (number < 1 || number > 536_870_911)
      throw reader.malformed(`field ${JSON.stringify(name)} has number ${number}`)
    return {
      name,
      jsonName: field.jsonName || jsonNameOf(name),
      number,
      repeated: field.label === 3,
      oneof,
      type,
      typeName,
    }
  }

  #rawEnum(): RawEnum {
    this.#count()
    const raw: RawEnum = { name: '', values: new Map() }
    const reader = this.#reader
    this.#message({
      [key.enumName]: () => (raw.name = reader.string()),
      [key.enumValue]: () => {
        this.#count()
        let name = ''
        let number = 0
        this.#message({
          [key.enumValueName]: () => (name = reader.string()),
          [key.enumValueNumber]: () => (number = reader.int32()),
        })
        raw.values.set(name, number)
      },
    })
    return raw
  }

  #service(): ServiceDescriptor {
    this.#count()
    const reader = this.#reader
    let name = ''
    const methods: string[] = []
    this.#message({
      [key.serviceName]: () => (name = reader.string()),
      [key.serviceMethod]: () => {
        this.#count()
        let method = ''
        this.#message({ [key.methodName]: () => (method = reader.string()) })
        methods.push(method)
      },
    })
    return { name, methods }
  }

  #checkName(fullName: string): void {
    if (fullName.length <= maxNameLength) return
    throw new TemplateError(
      'TEMPLATE_TOO_LARGE',
      `Cannot read descriptor set: a name of ${fullName.length} characters`,
    )
  }

  #name(raw: RawMessage, prefix: string): MessageDescriptor {
    const fullName = prefix + raw.name
    this.#checkName(fullName)
    const message = { fullName, fields: raw.fields, isMapEntry: raw.isMapEntry }
    if (this.#messages.has(fullName)) {
      throw new TemplateError(
        'TEMPLATE_MALFORMED',
        `Cannot read descriptor set: message ${fullName} is defined twice`,
      )
    }
    this.#messages.set(fullName, message)
    for (const nested of raw.nested) this.#name(nested, `${fullName}.`)
    for (const nested of raw.enums) this.#nameEnum(nested, `${fullName}.`)
    return message
  }

  #nameEnum(raw: RawEnum, prefix: string): EnumDescriptor {
    const descriptor = { fullName: prefix + raw.name, values: raw.values }
    this.#checkName(descriptor.fullName)
    this.#enums.set(descriptor.fullName, descriptor)
    return descriptor
  }
}
