import type { Language } from './plan.js'

/** The annotation by which a rule or an instance chooses the language of its expressions. */
export const languageAnnotation = 'policy.istio.io/lang'

/**
 * The language of a resource's expressions. `ISTIO_LANG`, when it is defined, even as empty text, wins over the
 * annotation. Anything but `CEL` and `COMPAT` means the classic language. Source: reference expressions, section 1.
 */
export function languageOf(
  annotation: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): Language {
  const chosen = environment.ISTIO_LANG ?? annotation
  return chosen === 'CEL' || chosen === 'COMPAT' ? chosen : 'CEXL'
}
