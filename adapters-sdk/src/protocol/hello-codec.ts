import { ProtocolError } from './errors.js'
import type { AdapterHello, AnnouncedAdapter, AnnouncedTemplate, HostHello } from './frames.js'
import { defaultLimits, type Limits, largestLimit, limitFields } from './limits.js'
import type { FrameReader } from './reader.js'
import type { FrameWriter } from './writer.js'

/** Entries of one list in a hello: features, templates, adapters, templates of an adapter. */
export const maxHelloEntries = 256

function writeLimits(writer: FrameWriter, field: number, limits: Limits): void {
  const start = writer.begin(field)
  for (const [name, number] of limitFields) writer.uint(number, limits[name])
  writer.end(start)
}

function readLimits(reader: FrameReader): Limits {
  const limits: { -readonly [K in keyof Limits]: Limits[K] } = { ...defaultLimits }
  const end = reader.enter()
  while (reader.at < end) {
    const key = reader.key()
    const name = (key & 7) === 0 ? limitFields[(key >>> 3) - 1]?.[0] : undefined
    if (name === undefined) reader.skip(key)
    else {
      const value = reader.uint()
      if (value > 0) limits[name] = Math.min(value, largestLimit)
    }
  }
  reader.leave(end)
  return limits
}

function push<T>(list: T[], item: T, what: string): void {
  if (list.length >= maxHelloEntries) {
    throw new ProtocolError('PROTOCOL_LIMIT', `The hello lists more than ${maxHelloEntries} ${what}`)
  }
  list.push(item)
}

export function writeHostHello(writer: FrameWriter, hello: HostHello): void {
  writer.uint(1, hello.versionMin)
  writer.uint(2, hello.versionMax)
  writer.string(3, hello.name)
  writer.string(4, hello.version)
  writer.string(5, hello.instance)
  for (const feature of hello.features) writer.string(6, feature)
  writeLimits(writer, 7, hello.limits)
}

export function readHostHello(reader: FrameReader): HostHello {
  let versionMin = 0
  let versionMax = 0
  let name = ''
  let version = ''
  let instance = ''
  const features: string[] = []
  let limits = defaultLimits
  const end = reader.enter()
  while (reader.at < end) {
    const key = reader.key()
    if (key === 8) versionMin = reader.uint32()
    else if (key === 16) versionMax = reader.uint32()
    else if (key === 26) name = reader.string()
    else if (key === 34) version = reader.string()
    else if (key === 42) instance = reader.string()
    else if (key === 50) push(features, reader.string(), 'features')
    else if (key === 58) limits = readLimits(reader)
    else reader.skip(key)
  }
  reader.leave(end)
  return { kind: 'hello', versionMin, versionMax, name, version, instance, features, limits }
}

export function writeAdapterHello(writer: FrameWriter, hello: AdapterHello): void {
  writer.uint(1, hello.protocol)
  writer.string(3, hello.name)
  writer.string(4, hello.version)
  writer.string(5, hello.instance)
  for (const feature of hello.features) writer.string(6, feature)
  writeLimits(writer, 7, hello.limits)
  writer.uint(8, hello.credits)
  for (const template of hello.templates) {
    const start = writer.begin(9)
    writer.uint(1, template.number)
    writer.string(2, template.name)
    writer.bytes(3, template.descriptorSet)
    writer.end(start)
  }
  for (const adapter of hello.adapters) {
    const start = writer.begin(10)
    writer.string(1, adapter.name)
    writer.string(2, adapter.version)
    writer.string(3, adapter.description)
    for (const number of adapter.templates) {
      writer.varint(32)
      writer.varint(number)
    }
    writer.string(5, adapter.settingsSchema)
    writer.end(start)
  }
}

export function readAdapterHello(reader: FrameReader): AdapterHello {
  let protocol = 0
  let name = ''
  let version = ''
  let instance = ''
  const features: string[] = []
  let limits = defaultLimits
  let credits = 0
  const templates: AnnouncedTemplate[] = []
  const adapters: AnnouncedAdapter[] = []
  const end = reader.enter()
  while (reader.at < end) {
    const key = reader.key()
    if (key === 8) protocol = reader.uint32()
    else if (key === 26) name = reader.string()
    else if (key === 34) version = reader.string()
    else if (key === 42) instance = reader.string()
    else if (key === 50) push(features, reader.string(), 'features')
    else if (key === 58) limits = readLimits(reader)
    else if (key === 64) credits = reader.uint32()
    else if (key === 74) push(templates, readTemplate(reader), 'templates')
    else if (key === 82) push(adapters, readAdapter(reader), 'adapters')
    else reader.skip(key)
  }
  reader.leave(end)
  return { kind: 'hello', protocol, name, version, instance, features, limits, credits, templates, adapters }
}

function readTemplate(reader: FrameReader): AnnouncedTemplate {
  let number = 0
  let name = ''
  let descriptorSet: Uint8Array = new Uint8Array(0)
  const end = reader.enter()
  while (reader.at < end) {
    const key = reader.key()
    if (key === 8) number = reader.uint32()
    else if (key === 18) name = reader.string()
    else if (key === 26) descriptorSet = reader.bytes()
    else reader.skip(key)
  }
  reader.leave(end)
  return { number, name, descriptorSet }
}

function readAdapter(reader: FrameReader): AnnouncedAdapter {
  let name = ''
  let version = ''
  let description = ''
  const templates: number[] = []
  let settingsSchema = ''
  const end = reader.enter()
  while (reader.at < end) {
    const key = reader.key()
    if (key === 10) name = reader.string()
    else if (key === 18) version = reader.string()
    else if (key === 26) description = reader.string()
    else if (key === 32) push(templates, reader.uint32(), 'templates of an adapter')
    else if (key === 34) readPacked(reader, number => push(templates, number, 'templates of an adapter'))
    else if (key === 42) settingsSchema = reader.string()
    else reader.skip(key)
  }
  reader.leave(end)
  return { name, version, description, templates, settingsSchema }
}

/** Reads a packed list of unsigned integers. */
export function readPacked(reader: FrameReader, each: (value: number) => void): void {
  const end = reader.enter()
  while (reader.at < end) each(reader.uint())
  reader.leave(end)
}
