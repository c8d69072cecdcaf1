import type { Timestamp } from '@outboard/adapters-sdk'

/** Year 1: what Mixer prints for a time that was not set. */
export const zeroTime: Timestamp = { seconds: -62_135_596_800, nanos: 0 }

/** The last second of the year 9999, the end of what the notation can hold. */
const lastSecond = 253_402_300_799

/** An instant as `YYYY-MM-DDThh:mm:ss.uuuuuuZ`: always UTC, always six digits. Times outside years 1–9999 are cut. */
export function timeText(time: Timestamp): string {
  const seconds = Math.min(Math.max(time.seconds, zeroTime.seconds), lastSecond)
  const upToSeconds = new Date(seconds * 1_000).toISOString().slice(0, 19)
  const micros = Math.floor(time.nanos / 1_000)
  return `${upToSeconds}.${micros.toString().padStart(6, '0')}Z`
}

/** Milliseconds since the epoch as an instant. */
export function timestampOfMs(ms: number): Timestamp {
  const seconds = Math.floor(ms / 1_000)
  return { seconds, nanos: Math.floor((ms - seconds * 1_000) * 1_000_000) }
}

/** The instant that an RFC 3339 text names; undefined for text that names none. */
export function parseTime(text: string): Timestamp | undefined {
  const parts = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/.exec(text)
  if (parts === null) return undefined
  const [, date, time, fraction = '', zone] = parts
  const ms = Date.parse(`${date}T${time}${zone}`)
  if (Number.isNaN(ms)) return undefined
  return { seconds: ms / 1_000, nanos: Number(fraction.padEnd(9, '0').slice(0, 9)) }
}
