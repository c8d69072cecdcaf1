/** The longest duration of protobuf: 10,000 years, in seconds. */
const maxSeconds = 315_576_000_000

/**
 * A duration as protobuf's JSON form writes it: seconds with up to nine decimals and the letter `s` (`5s`, `0.250s`).
 * undefined when the text is not one.
 */
export function protoDurationMs(text: string): number | undefined {
  const match = /^(-?)(\d{1,12})(?:\.(\d{1,9}))?s$/.exec(text)
  if (match === null) return undefined
  const [, sign, seconds, decimals] = match
  const whole = Number(seconds)
  if (whole > maxSeconds) return undefined
  const ms = whole * 1_000 + Number(`0.${decimals ?? '0'}`) * 1_000
  return sign === '-' ? -ms : ms
}

const unitMs: ReadonlyMap<string, number> = new Map([
  ['ns', 1e-6],
  ['us', 1e-3],
  ['µs', 1e-3],
  ['μs', 1e-3],
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
])

/** As Go writes durations, for our own fields: `250ms`, `1m30s`; protobuf's form is one of these. */
export function goDurationMs(text: string): number | undefined {
  if (text.length > 40) return undefined
  const match = /^([+-]?)((?:\d+(?:\.\d*)?(?:ns|us|µs|μs|ms|s|m|h))+)$/.exec(text)
  if (match === null) return text === '0' ? 0 : undefined
  let ms = 0
  for (const [, amount, unit] of (match[2] ?? '').matchAll(/(\d+(?:\.\d*)?)(ns|us|µs|μs|ms|s|m|h)/g))
    ms += Number(amount) * (unitMs.get(unit ?? '') ?? Number.NaN)
  return match[1] === '-' ? -ms : ms
}
