import type { Instance } from '@outboard/adapters-sdk'
import { stringField, timeField, valueField, valueMapField } from '../values/fields.js'
import { timestampOfMs, zeroTime } from '../values/time.js'
import { consoleLine, type Entry, jsonLine, type Level } from './line.js'
import type { StdioSettings } from './settings.js'

const loudness: Readonly<Record<Level, number>> = { INFO: 0, WARNING: 1, ERROR: 2 }

/** The lines of a batch of instances, each with its end; those below the output level are left out. */
export function linesOf(instances: readonly Instance[], settings: StdioSettings, nowMs: number): string {
  const print = settings.outputAsJson ? jsonLine : consoleLine
  let lines = ''
  for (const instance of instances) {
    const level = levelOf(instance, settings)
    // Upstream has this setting and writes everything all the same.
    if (loudness[level] < loudness[settings.outputLevel]) continue
    lines += `${print(entryOf(instance, level, nowMs))}\n`
  }
  return lines
}

function levelOf(instance: Instance, settings: StdioSettings): Level {
  if (instance.template === 'metric') return settings.metricLevel
  const severity = stringField(instance, 'severity')
  return Object.hasOwn(settings.severityLevels, severity)
    ? (settings.severityLevels[severity] ?? 'INFO')
    : 'INFO'
}

/** A log entry has its own time, or the zero time when it was not configured; a metric has the time of now. */
function entryOf(instance: Instance, level: Level, nowMs: number): Entry {
  if (instance.template === 'metric') {
    return {
      template: 'metric',
      level,
      time: timestampOfMs(nowMs),
      instance: instance.name,
      value: valueField(instance, 'value'),
      fields: valueMapField(instance, 'dimensions'),
    }
  }
  return {
    template: 'logentry',
    level,
    time: timeField(instance, 'timestamp') ?? zeroTime,
    instance: instance.name,
    value: undefined,
    fields: valueMapField(instance, 'variables'),
  }
}
