import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import protobuf from 'protobufjs'
import { WireWriter } from '../wire/writer.js'
import { writeEnum, writeMessage, writeService } from './encode.js'

/** One `.proto` file as tools read it: an encoded `google.protobuf.FileDescriptorProto`. */
export interface FileDescriptor {
  readonly name: string
  readonly bytes: Buffer
  readonly dependencies: readonly string[]
  /** Full names of what the file declares. */
  readonly symbols: readonly string[]
}

const wellKnownPackage = 'google.protobuf'

/** A file as parsed: its objects stand in a root of all files. */
interface Source {
  readonly packageName: string
  readonly imports: readonly string[]
  readonly objects: readonly protobuf.ReflectionObject[]
}

/** Describes `.proto` files and all that they import, by name. Slow (tens of milliseconds). */
export async function describeFiles(names: readonly string[]): Promise<ReadonlyMap<string, FileDescriptor>> {
  const root = new protobuf.Root()
  const sources = new Map<string, Source>()
  const pending = [...names]
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (sources.has(name)) continue
    const source = await readSource(name, root)
    sources.set(name, source)
    pending.push(...source.imports)
  }
  root.resolveAll()
  const files = new Map<string, FileDescriptor>()
  for (const [name, source] of sources) files.set(name, describe(name, source))
  return files
}

/** Parses a file of ours, or takes a well-known one that the library brings, into the root. */
async function readSource(name: string, root: protobuf.Root): Promise<Source> {
  const known = protobuf.common.get(name)
  if (known !== null) {
    const before = new Set(childrenOf(root, wellKnownPackage))
    root.addJSON(known.nested ?? {})
    return { packageName: wellKnownPackage, imports: [], objects: added(root, wellKnownPackage, before) }
  }
  const text = await readFile(fileURLToPath(import.meta.resolve(`#proto/${name}`)), 'utf8')
  const packageName = /^package ([\w.]+);/m.exec(text)?.[1] ?? ''
  const before = new Set(childrenOf(root, packageName))
  const { imports = [] } = protobuf.parse(text, root, { keepCase: true })
  return { packageName, imports, objects: added(root, packageName, before) }
}

function added(
  root: protobuf.Root,
  packageName: string,
  before: ReadonlySet<protobuf.ReflectionObject>,
): readonly protobuf.ReflectionObject[] {
  return childrenOf(root, packageName).filter(object => !before.has(object))
}

function childrenOf(root: protobuf.Root, packageName: string): readonly protobuf.ReflectionObject[] {
  const found = root.lookup(packageName)
  return found instanceof protobuf.Namespace
    ? found.nestedArray.filter(object => !isPlainNamespace(object))
    : []
}

function isPlainNamespace(object: protobuf.ReflectionObject): boolean {
  return object instanceof protobuf.Namespace && !isType(object) && !(object instanceof protobuf.Service)
}

const isType = (object: protobuf.ReflectionObject): object is protobuf.Type => object instanceof protobuf.Type

function describe(name: string, { packageName, imports, objects }: Source): FileDescriptor {
  const writer = new WireWriter()
  const symbols: string[] = []
  writer.string(12, 'proto3')
  const reversed = [...objects].reverse()
  for (const object of reversed) {
    if (!(object instanceof protobuf.Service)) continue
    writeService(writer, 6, object)
    symbols.push(...object.methodsArray.map(method => bare(method.fullName)))
  }
  for (const object of reversed) if (object instanceof protobuf.Enum) writeEnum(writer, 5, object)
  for (const object of reversed) if (isType(object)) writeMessage(writer, 4, object)
  for (const object of objects) collect(object, symbols)
  for (const dependency of [...imports].reverse()) writer.string(3, dependency)
  writer.string(2, packageName)
  writer.string(1, name)
  return { name, bytes: writer.finish(), dependencies: imports, symbols }
}

function collect(object: protobuf.ReflectionObject, symbols: string[]): void {
  symbols.push(bare(object.fullName))
  if (object instanceof protobuf.Namespace) for (const nested of object.nestedArray) collect(nested, symbols)
}

function bare(fullName: string): string {
  return fullName.replace(/^\./, '')
}
