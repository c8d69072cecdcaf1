import { createHash } from 'node:crypto'

/** What the name of a batch's file says of it, so that a folder can be taken stock of without reading files. */
export interface BatchName {
  /** Ascends from batch to batch. */
  readonly sequence: number
  readonly instances: number
  readonly bytes: number
  readonly template: string
}

/** Longest name that file systems take. */
const longestName = 255

/** undefined: the template's name is too long for a file's. */
export function nameOf({ sequence, instances, bytes, template }: BatchName): string | undefined {
  const name = `${String(sequence).padStart(12, '0')}.${instances}.${bytes}.${encodeURIComponent(template)}.batch`
  return name.length + temporary.length > longestName ? undefined : name
}

/** undefined: no batch has such a name. */
export function readName(name: string): BatchName | undefined {
  const [, sequence, instances, bytes, template] =
    /^(\d{12,15})\.(\d{1,9})\.(\d{1,12})\.(.+)\.batch$/.exec(name) ?? []
  if (template === undefined) return undefined
  try {
    return {
      sequence: Number(sequence),
      instances: Number(instances),
      bytes: Number(bytes),
      template: decodeURIComponent(template),
    }
  } catch {
    return undefined
  }
}

/** What a file's name ends with until all of it is written. */
export const temporary = '.tmp'

/** The folder of a handler; readable unless the id is too long. */
export function folderOf(handler: string): string {
  const name = `h-${encodeURIComponent(handler)}`
  if (name.length <= longestName) return name
  return `h-${createHash('sha256').update(handler).digest('hex')}`
}
