import type { Metadata } from '@outboard/adapters-sdk'
import { bytesType, varintType, type WireReader } from '../wire/reader.js'
import type { WireWriter } from '../wire/writer.js'

/** What a `google.protobuf.Struct` holds. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject
export type JsonObject = { readonly [key: string]: Json }

/** Deeper structures make the message malformed: reading is recursive, and the stack is not a place to run out of. */
const maxDepth = 32

const firstTag = (1 << 3) | bytesType
const secondTag = (2 << 3) | bytesType

/** Reads a Struct up to the reader's end. */
export function readStruct(reader: WireReader, depth = 0): JsonObject {
  // A Map first: keys are the caller's, and `__proto__` is a key like any other.
  const fields = new Map<string, Json>()
  if (depth > maxDepth) reader.fail(`a Struct deeper than ${maxDepth}`)
  while (reader.more()) {
    const tag = reader.tag()
    if (tag !== firstTag) {
      reader.skip(tag)
      continue
    }
    const outer = reader.enter()
    let key = ''
    let value: Json = null
    while (reader.more()) {
      const inner = reader.tag()
      if (inner === firstTag) key = reader.string()
      else if (inner === secondTag) {
        const end = reader.enter()
        value = readValue(reader, depth + 1)
        reader.leave(end)
      } else reader.skip(inner)
    }
    reader.leave(outer)
    fields.set(key, value)
  }
  return Object.fromEntries(fields)
}

function readValue(reader: WireReader, depth: number): Json {
  let value: Json = null
  while (reader.more()) {
    const tag = reader.tag()
    switch (tag) {
      case (1 << 3) | varintType:
        reader.varint32()
        value = null
        break
      case (2 << 3) | 1:
        value = reader.double()
        break
      case (3 << 3) | bytesType:
        value = reader.string()
        break
      case (4 << 3) | varintType:
        value = reader.bool()
        break
      case (5 << 3) | bytesType: {
        const outer = reader.enter()
        value = readStruct(reader, depth)
        reader.leave(outer)
        break
      }
      case (6 << 3) | bytesType: {
        const outer = reader.enter()
        value = readList(reader, depth)
        reader.leave(outer)
        break
      }
      default:
        reader.skip(tag)
    }
  }
  return value
}

function readList(reader: WireReader, depth: number): Json[] {
  const list: Json[] = []
  if (depth > maxDepth) reader.fail(`a list deeper than ${maxDepth}`)
  while (reader.more()) {
    const tag = reader.tag()
    if (tag !== firstTag) {
      reader.skip(tag)
      continue
    }
    const outer = reader.enter()
    list.push(readValue(reader, depth + 1))
    reader.leave(outer)
  }
  return list
}

/** Writes the fields of a flat Struct. */
export function writeStruct(writer: WireWriter, metadata: Metadata): void {
  for (const key of Object.keys(metadata).reverse()) {
    const value = metadata[key]!
    const entry = writer.mark()
    const mark = writer.mark()
    if (typeof value === 'string') writer.string(3, value)
    else if (typeof value === 'number') writer.double(2, value)
    else writer.uint32(4, value ? 1 : 0)
    writer.nested(2, mark)
    writer.string(1, key)
    writer.nested(1, entry)
  }
}

/** Reads the filter metadata of an `envoy.config.core.v3.Metadata` up to the reader's end, by namespace. */
export function readFilterMetadata(reader: WireReader): Map<string, JsonObject> {
  const found = new Map<string, JsonObject>()
  while (reader.more()) {
    const tag = reader.tag()
    if (tag !== firstTag) {
      reader.skip(tag)
      continue
    }
    const outer = reader.enter()
    let namespace = ''
    let content: JsonObject = {}
    while (reader.more()) {
      const inner = reader.tag()
      if (inner === firstTag) namespace = reader.string()
      else if (inner === secondTag) {
        const end = reader.enter()
        content = readStruct(reader)
        reader.leave(end)
      } else reader.skip(inner)
    }
    reader.leave(outer)
    found.set(namespace, content)
  }
  return found
}

/** Every scalar below an object as text, by its path: `namespace/a/b`. Lists are left out. */
export function flatten(prefix: string, object: JsonObject, into: Map<string, string>): void {
  for (const [key, value] of Object.entries(object)) {
    const path = prefix === '' ? key : `${prefix}/${key}`
    if (isObject(value)) flatten(path, value, into)
    else if (value !== null && typeof value !== 'object') into.set(path, String(value))
  }
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
