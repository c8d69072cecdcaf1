import fc from 'fast-check'
import t from 'tap'
import { compile, ExprError, type Language } from '../../src/mixer/expr/index.js'
import { anyRequest, anyText, sameResult } from './arbitrary.js'
import { vocabulary } from './request.js'

/** How many texts to try; a million takes about a minute. */
const runs = Number(process.env.OUTBOARD_FUZZ ?? 20_000)
const language = fc.constantFrom<Language[]>('CEXL', 'CEXL', 'CEXL', 'COMPAT', 'CEL')

// A long run has as long as it needs: at most a millisecond a text.
t.setTimeout(30_000 + runs)

t.test('every text compiles and evaluates, or is refused with an ExprError', async t => {
  let compiled = 0
  fc.assert(
    fc.property(anyText, anyRequest, language, (text, request, language) => {
      try {
        const expression = compile(text, vocabulary, { language })
        compiled++
        expression.print()
        return sameResult(expression.eval(request()), expression.eval(request()))
      } catch (error) {
        return (
          error instanceof ExprError && error.line >= 1 && error.column >= 1 && error.detail().length < 5_000
        )
      }
    }),
    { numRuns: runs },
  )
  t.ok(compiled > runs / 100, `${compiled} of ${runs} texts were expressions`)
})
