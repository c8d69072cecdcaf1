import { type Language, languageOf } from '../mixer/expr/index.js'
import type { Shell } from './shell.js'

/**
 * The language that `ISTIO_LANG` gives all expressions, whatever their documents say; undefined when it is not defined. An
 * empty one is defined, and means the classic language. Source: reference expressions, section 1.
 */
export function languageOverride(env: Shell['env']): Language | undefined {
  return env.ISTIO_LANG === undefined ? undefined : languageOf(undefined, env)
}
