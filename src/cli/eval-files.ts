import { open } from 'node:fs/promises'
import { type Document, parseAllDocuments } from 'yaml'

/** The largest manifest or attribute file, in bytes. */
const maxFileBytes = 8 * 1024 * 1024

/** A file given on the command line cannot be used: which, and why. */
export class EvalFileError extends Error {
  override readonly name = 'EvalFileError'
  readonly code = 'EVAL_FILE'
}

type Names = Record<string, unknown>

/**
 * Attribute names and types from a file: either an object of name to type, or documents of kind `attributemanifest`
 * (names to `valueType`), in YAML or JSON.
 */
export async function readManifest(file: string): Promise<Names> {
  const manifest: Names = {}
  for (const document of await readDocuments(file)) {
    const spec = isObject(document.spec) ? document.spec : undefined
    const attributes = spec !== undefined && isObject(spec.attributes) ? spec.attributes : undefined
    if (attributes === undefined) Object.assign(manifest, document)
    else
      for (const [name, info] of Object.entries(attributes))
        manifest[name] = isObject(info) ? (info.valueType ?? info.value_type) : info
  }
  return manifest
}

/** Attribute values from a file: one object of name to value, in JSON or YAML. */
export async function readAttributes(file: string): Promise<Names> {
  return Object.assign({}, ...(await readDocuments(file)))
}

async function readDocuments(file: string): Promise<Names[]> {
  const documents = parseAllDocuments(await readText(file), { logLevel: 'silent' })
  return [...documents].flatMap(document => {
    const [problem] = document.errors
    if (problem !== undefined) throw new EvalFileError(`cannot read ${file}: ${problem.message}`)
    const value = followed(file, document)
    if (value === null) return []
    if (!isObject(value)) throw new EvalFileError(`cannot read ${file}: expected an object of names`)
    return [value]
  })
}

/** Aliases are followed here, so that faults of theirs show only now. */
function followed(file: string, document: Pick<Document, 'toJS'>): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 })
  } catch (error) {
    throw new EvalFileError(`cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

async function readText(file: string): Promise<string> {
  try {
    const handle = await open(file)
    try {
      const { size } = await handle.stat()
      if (size > maxFileBytes)
        throw new EvalFileError(`cannot read ${file}: it has ${size} bytes; the limit is ${maxFileBytes}`)
      return await handle.readFile('utf8')
    } finally {
      await handle.close()
    }
  } catch (error) {
    if (error instanceof EvalFileError) throw error
    throw new EvalFileError(`cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function isObject(value: unknown): value is Names {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
