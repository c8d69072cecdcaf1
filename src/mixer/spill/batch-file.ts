import { Buffer } from 'node:buffer'
import { crc32 } from 'node:zlib'
import type { TemplateDefinition } from '@outboard/adapters-sdk'
import type { Question, ReportBatch } from '../engine/ports.js'

/** What a file of a batch begins with: its format and version. */
const magic = Buffer.from('OBRB\x01')
const headBytes = magic.length + 4

/**
 * A batch as bytes: `OBRB`, 1, CRC-32 of the rest; id; number of questions; of each its instance and its bytes. Numbers have 32
 * bits, the least significant byte first; texts and bytes stand behind their length.
 */
export function encodeBatch({ id, questions }: ReportBatch): Buffer {
  const parts: Uint8Array[] = []
  const number = (value: number) => {
    const bytes = Buffer.allocUnsafe(4)
    bytes.writeUInt32LE(value)
    parts.push(bytes)
  }
  const block = (bytes: Uint8Array) => {
    number(bytes.length)
    parts.push(bytes)
  }
  block(Buffer.from(id))
  number(questions.length)
  for (const { instanceName, bytes } of questions) {
    if (bytes === undefined) throw new TypeError('only questions in bytes can be kept')
    block(Buffer.from(instanceName))
    block(bytes)
  }
  const body = Buffer.concat(parts)
  const head = Buffer.alloc(headBytes)
  magic.copy(head)
  head.writeUInt32LE(crc32(body), magic.length)
  return Buffer.concat([head, body])
}

/** @throws {RangeError} for bytes that are no whole batch of this version. */
export function decodeBatch(file: Buffer, template: TemplateDefinition): ReportBatch {
  if (file.length < headBytes || !file.subarray(0, magic.length).equals(magic))
    throw new RangeError('it is no batch of reports, or of another version')
  const body = file.subarray(headBytes)
  if (file.readUInt32LE(magic.length) !== crc32(body)) throw new RangeError('its checksum is wrong')
  let at = 0
  const number = () => {
    const value = body.readUInt32LE(at)
    at += 4
    return value
  }
  const block = () => {
    const length = number()
    if (length > body.length - at) throw new RangeError('it is cut off')
    at += length
    return body.subarray(at - length, at)
  }
  const id = block().toString()
  const count = number()
  const questions: Question[] = []
  // Each takes eight bytes at least, so that a count beyond what is there ends soon.
  for (let i = 0; i < count; i++)
    questions.push({ instanceName: block().toString(), template, record: undefined, bytes: block() })
  if (at !== body.length || questions.length === 0) throw new RangeError('it does not end where it should')
  return { id, questions }
}
