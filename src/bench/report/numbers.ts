/** Three digits that count, and thousands apart: `12,345`, `1,230`, `12.3`, `0.0123`. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? '∞' : value < 0 ? '-∞' : '–'
  if (value === 0) return '0'
  const size = Math.abs(value)
  if (size >= 1_000) return Math.round(value).toLocaleString('en-US')
  const digits = Math.max(0, 2 - Math.floor(Math.log10(size)))
  return value.toFixed(Math.min(digits, 4))
}

/** A duration of microseconds for the tick of an axis, without digits that say nothing: `50 ms`. */
export function durationTick(us: number): string {
  if (us >= 1_000_000) return `${plain(us / 1_000_000)} s`
  return us >= 1_000 ? `${plain(us / 1_000)} ms` : `${plain(us)} µs`
}

function plain(value: number): string {
  return String(Number(value.toPrecision(3)))
}

export function percent(share: number): string {
  return percents([share])
}

/** `3.2+1.0 %`. */
export function percents(shares: readonly number[]): string {
  return `${shares.map(share => (share * 100).toFixed(1)).join('+')} %`
}

export function megabytes(bytes: number): string {
  return String(Math.round(bytes / 1_000_000))
}

/** `1.23 (1.20–1.26)`. */
export function withInterval(value: number, low: number, high: number): string {
  return `${value.toFixed(2)} (${bound(low)}–${bound(high)})`
}

function bound(value: number): string {
  return Number.isFinite(value) ? value.toFixed(2) : '∞'
}
