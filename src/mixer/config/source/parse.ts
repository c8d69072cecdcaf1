import { Composer, type Document, Lexer, Parser, Scalar, type ScalarTag, Schema } from 'yaml'
import { NodeBuilder } from './build.js'
import { type ReadFault, tooDeep } from './fault.js'
import type { SourceLimits } from './limits.js'
import type { Node } from './node.js'
import { Place, type SourceText } from './place.js'

/** One document of a text: its content, or why it cannot be read. */
export interface ParsedDocument {
  /** undefined when there are faults, and for an empty document. */
  readonly node: Node | undefined
  readonly faults: readonly ReadFault[]
}

/** Go's YAML reads these as booleans, and Istio's documents are written for it; `y` and `n` stay text. */
const words: ScalarTag[] = [
  { test: /^(?:yes|Yes|YES|on|On|ON)$/, value: true },
  { test: /^(?:no|No|NO|off|Off|OFF)$/, value: false },
].map(({ test, value }) => ({
  tag: 'tag:yaml.org,2002:bool',
  default: true,
  identify: () => false,
  test,
  resolve: () => new Scalar(value),
}))

/** Made once: the library would otherwise make one for each document. */
const schema = new Schema({ schema: 'core', merge: true, customTags: tags => [...tags, ...words] })

const options = {
  schema,
  uniqueKeys: false, // checked while building, with both places and in linear time
  intAsBigInt: true,
  keepSourceTokens: false,
  strict: true,
  prettyErrors: false,
  logLevel: 'silent',
} as const

/**
 * Reads one YAML text, document by document, each when it is asked for. One that does not parse is a fault; the others
 * are still read, so that all faults of a file are seen at once.
 */
export function* parseText(source: SourceText, limits: SourceLimits): Generator<ParsedDocument> {
  const origin = (offset: number) =>
    new Place(source, Math.max(0, Math.min(offset, source.text.length)), undefined, undefined)
  const take = (document: Document.Parsed): ParsedDocument => {
    const [error] = document.errors
    if (error !== undefined)
      return faulty({
        code: 'CONFIG_YAML_SYNTAX',
        place: origin(error.pos[0]),
        message: `Cannot read the document: ${firstLine(error.message)}`,
        mend: 'correct the YAML here; indentation and quotes are the usual reasons',
      })
    const builder = new NodeBuilder(source, limits)
    const node = builder.build(document.contents)
    const { faults } = builder
    return { node: node === undefined || faults.length > 0 || isEmpty(node) ? undefined : node, faults }
  }
  const parser = new Parser()
  const composer = new Composer<never>(options)
  try {
    for (const lexeme of new Lexer().lex(source.text)) {
      for (const token of parser.next(lexeme))
        for (const document of composer.next(token)) yield take(document)
      // Two entries of the stack for each level of nesting; checked before the composer, which recurses.
      if (parser.stack.length > 2 * limits.maxDepth + 4) {
        yield faulty(tooDeep(origin(parser.offset), limits))
        return
      }
    }
    for (const token of parser.end()) for (const document of composer.next(token)) yield take(document)
    for (const document of composer.end()) yield take(document)
  } catch (cause) {
    yield faulty({
      code: 'CONFIG_YAML_SYNTAX',
      place: origin(parser.offset),
      message: `Cannot read the document: ${firstLine(String(cause))}`,
      mend: 'simplify the document around this line',
    })
  }
}

function faulty(fault: ReadFault): ParsedDocument {
  return { node: undefined, faults: [fault] }
}

function isEmpty(node: Node): boolean {
  return node.kind === 'scalar' && node.value === null
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? ''
}
