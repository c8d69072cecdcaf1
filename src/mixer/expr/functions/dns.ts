import { toUnicode } from 'tr46'
import { EvalFailure } from '../plan.js'
import { byteLength } from '../text/bytes.js'
import { invalid, shown } from './invalid.js'

/** The longest name, in UTF-16 units. No real one has more than 253; upstream has no limit. */
const maxNameLength = 1_024

/**
 * `dnsName(text)`: the name with its `xn--` labels decoded. Loose: plain labels may hold any character. Source:
 * reference expressions, section 8.
 */
export function dnsName(text: string): string | EvalFailure {
  const refused = (why: string): EvalFailure =>
    invalid(`error converting '${shown(text)}' to dns name: idna: ${why}`)
  if (text.length > maxNameLength) return refused(`the name has more than ${maxNameLength} characters`)
  const normal = text.normalize('NFC')
  const labels = normal.split('.')
  const hasTrailingDot = labels.length > 1 && labels.at(-1) === ''
  if (hasTrailingDot) labels.pop()
  for (const [i, label] of labels.entries()) {
    const decoded = label.startsWith('xn--') ? decode(label) : label
    if (decoded === undefined || !labelFits(decoded)) return refused(`invalid label "${shown(label)}"`)
    labels[i] = decoded
  }
  const name = labels.join('.')
  if (breaksOnly(name, { checkBidi: true })) return refused(`invalid bidirectional name "${shown(name)}"`)
  return hasTrailingDot ? `${name}.` : name
}

/** A label of an internationalised name in Unicode, or undefined when it is badly encoded or not permitted. */
function decode(label: string): string | undefined {
  // Mapping would make capitals small and so let them pass.
  if (/[A-Z]/.test(label.slice(4, label.lastIndexOf('-') + 1))) return undefined
  const { domain, error } = toUnicode(label, { checkHyphens: true })
  return error ? undefined : domain
}

function labelFits(label: string): boolean {
  if (label === '' || label.startsWith('-') || label.endsWith('-') || /^\p{M}/u.test(label)) return false
  // The third and fourth byte, in names of more than four bytes.
  const bytes = Buffer.from(label.slice(0, 4), 'utf8')
  if (bytes[2] === 0x2d && bytes[3] === 0x2d && byteLength(label) > 4) return false
  return !/[\u200c\u200d]/.test(label) || !breaksOnly(label, { checkJoiners: true })
}

/** Whether one rule is what a name breaks: it passes without the rule and fails with it. */
function breaksOnly(
  name: string,
  rule: { readonly checkBidi?: boolean; readonly checkJoiners?: boolean },
): boolean {
  if (/^[\0-\x7f]*$/.test(name)) return false
  return (
    toUnicode(name, { checkHyphens: true, ...rule }).error && !toUnicode(name, { checkHyphens: true }).error
  )
}

/**
 * Equality of names: mapped for look-up with the rules for host names, without regard to one trailing dot. Fails when
 * a name has other characters than letters, digits and hyphens.
 */
export function dnsEqual(a: string, b: string): boolean | EvalFailure {
  const left = forLookup(a)
  if (left instanceof EvalFailure) return left
  const right = forLookup(b)
  if (right instanceof EvalFailure) return right
  if (left === right) return true
  return isDotted(left, right) || isDotted(right, left)
}

/** Whether a name is another one, which ends in no dot, with a dot behind. */
function isDotted(name: string, bare: string): boolean {
  return bare !== '' && !bare.endsWith('.') && name === `${bare}.`
}

function forLookup(name: string): string | EvalFailure {
  // What nearly every name looks like needs no tables.
  if (/^[a-z0-9](?:[a-z0-9]*\.[a-z0-9])*[a-z0-9]*\.?$/.test(name)) return name
  if (name.length > maxNameLength) return invalid(`idna: the name has more than ${maxNameLength} characters`)
  const options = { checkHyphens: true, checkBidi: true, checkJoiners: true, useSTD3ASCIIRules: true }
  const { domain, error } = toUnicode(name, options)
  return error
    ? invalid(`idna: "${shown(name)}" cannot be looked up: it has a label or character that is not allowed`)
    : domain
}
