import type { ValueType, Vocabulary } from '../../attributes/index.js'
import { type CompiledExpression, compile, ExprError, type Language } from '../../expr/index.js'
import type { Located } from '../decode/reader.js'
import type { Reporter } from '../report.js'
import { quote } from '../source/node.js'
import { Place } from '../source/place.js'

export interface TextScope {
  readonly vocabulary: Vocabulary
  readonly language: Language
  readonly report: Reporter
  readonly type: ValueType
  /** What the text is, for messages: `rule's match`. */
  readonly what: string
}

/** Compiles an expression of a document; what is wrong is reported at its place inside the document. */
export function compileText(text: Located<string>, scope: TextScope): CompiledExpression | undefined {
  const { vocabulary, language, report, type, what } = scope
  try {
    return compile(text.value, vocabulary, { language, expected: type })
  } catch (cause) {
    if (!(cause instanceof ExprError)) throw cause
    const wrongType = cause.code === 'EXPR_RESULT_TYPE'
    report.problem(
      wrongType ? 'CONFIG_WRONG_EXPRESSION_TYPE' : 'CONFIG_BAD_EXPRESSION',
      placeInText(text.place, text.value, cause.start),
      `Cannot compile the ${what} ${quote(text.value)}: ${cause.message}${wanted(cause)}`,
      wrongType ? `write an expression of type ${type}` : 'correct the expression at this place',
    )
    return undefined
  }
}

function wanted({ found, wanted: wish }: ExprError): string {
  const parts = [found && `found ${found}`, wish && `wanted ${wish}`].filter(part => part !== undefined)
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`
}

/**
 * The place of an offset inside a text that stands in a document as it is, bare or in quotes. A text that is folded or
 * escaped keeps its beginning as place.
 */
export function placeInText(place: Place, text: string, offset: number): Place {
  const { source } = place
  for (const skipped of [0, 1]) {
    const start = place.offset + skipped
    if (source.text.startsWith(text, start))
      return new Place(source, start + offset, place.parent, place.step)
  }
  return place
}

/** As {@link placeInText}, for a line and column, both from 1, inside the text that stands at the place. */
export function placeAtLine(place: Place, at: { readonly line: number; readonly column: number }): Place {
  // Only the first line stands where it was written: YAML folds the others.
  if (at.line !== 1) return place
  const opening = place.source.text[place.offset]
  const skipped = opening === '"' || opening === "'" ? 1 : 0
  if (opening === '|' || opening === '>') return place
  return new Place(place.source, place.offset + skipped + at.column - 1, place.parent, place.step)
}
