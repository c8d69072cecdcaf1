import { Composer, type Document, Lexer, Parser, Scalar, type ScalarTag, Schema } from 'yaml'
import { NodeBuilder } from './build.js'
import { type ReadFault, tooDeep } from './fault.js'
import type { SourceLimits } from './limits.js'
import type { Node } from './node.js'
import { Place, type SourceText } from './place.js'

export interface ParsedText {
  /** One for each document that is not empty. */
  readonly documents: readonly Node[]
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
 * Reads one YAML text, several documents in it. A document that does not parse is a fault; the others are still
 * returned, so that all faults of a file are seen at once.
 */
export function parseText(source: SourceText, limits: SourceLimits): ParsedText {
  const faults: ReadFault[] = []
  const documents: Node[] = []
  const origin = (offset: number) =>
    new Place(source, Math.max(0, Math.min(offset, source.text.length)), undefined, undefined)
  const take = (document: Document.Parsed) => {
    const [error] = document.errors
    if (error !== undefined) {
      faults.push({
        code: 'CONFIG_YAML_SYNTAX',
        place: origin(error.pos[0]),
        message: `Cannot read the document: ${firstLine(error.message)}`,
        mend: 'correct the YAML here; indentation and quotes are the usual reasons',
      })
      return
    }
    const builder = new NodeBuilder(source, limits)
    const node = builder.build(document.contents)
    faults.push(...builder.faults)
    if (node !== undefined && builder.faults.length === 0 && !isEmpty(node)) documents.push(node)
  }
  const parser = new Parser()
  const composer = new Composer<never>(options)
  try {
    for (const lexeme of new Lexer().lex(source.text)) {
      for (const token of parser.next(lexeme)) for (const document of composer.next(token)) take(document)
      // Two entries of the stack for each level of nesting; checked before the composer, which recurses.
      if (parser.stack.length > 2 * limits.maxDepth + 4) {
        faults.push(tooDeep(origin(parser.offset), limits))
        return { documents, faults }
      }
    }
    for (const token of parser.end()) for (const document of composer.next(token)) take(document)
    for (const document of composer.end()) take(document)
  } catch (cause) {
    faults.push({
      code: 'CONFIG_YAML_SYNTAX',
      place: origin(parser.offset),
      message: `Cannot read the document: ${firstLine(String(cause))}`,
      mend: 'simplify the document around this line',
    })
  }
  return { documents, faults }
}

function isEmpty(node: Node): boolean {
  return node.kind === 'scalar' && node.value === null
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? ''
}
