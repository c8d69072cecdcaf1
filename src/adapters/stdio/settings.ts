import { type SettingsOf, settings } from '@outboard/adapters-sdk'

const levels = { INFO: 0, WARNING: 1, ERROR: 2 } as const

/** Severities that are known without configuration; a configured table replaces this one as a whole. */
const commonSeverities = {
  INFORMATIONAL: 'INFO',
  informational: 'INFO',
  INFO: 'INFO',
  info: 'INFO',
  WARNING: 'WARNING',
  warning: 'WARNING',
  WARN: 'WARNING',
  warn: 'WARNING',
  ERROR: 'ERROR',
  error: 'ERROR',
  ERR: 'ERROR',
  err: 'ERROR',
  FATAL: 'ERROR',
  fatal: 'ERROR',
} as const

/** Source: `adapter.stdio.config.Params`. */
export const stdioSettings = settings.object(
  {
    logStream: settings.enumeration(
      { STDOUT: 0, STDERR: 1, FILE: 2, ROTATED_FILE: 3 },
      { field: 1, default: 'STDOUT', description: 'Where lines are written' },
    ),
    severityLevels: settings.map(settings.enumeration(levels), {
      field: 2,
      default: commonSeverities,
      maxEntries: 1_000,
      description: 'Level of each severity of a log entry; one that is not here is INFO',
    }),
    metricLevel: settings.enumeration(levels, {
      field: 3,
      default: 'INFO',
      description: 'Level of the lines of metrics',
    }),
    outputAsJson: settings.boolean({
      field: 4,
      default: true,
      description: '`true`: a JSON object a line; `false`: columns with tabs between them',
    }),
    outputLevel: settings.enumeration(levels, {
      field: 5,
      default: 'INFO',
      description: 'Lines of a lower level are not written',
    }),
    outputPath: settings.string({
      field: 6,
      default: '',
      description: 'The file; needed for FILE and ROTATED_FILE, not allowed otherwise',
    }),
    maxMegabytesBeforeRotation: settings.integer({
      field: 7,
      default: 100,
      min: 1,
      max: 1_000_000,
      description: 'Largest size of a file, in units of 1,048,576 bytes',
    }),
    maxDaysBeforeRotation: settings.integer({
      field: 8,
      default: 30,
      min: 0,
      max: 36_500,
      description: 'Days after which a file is rotated, and days that a rotated file is kept; 0: no limit',
    }),
    maxRotatedFiles: settings.integer({
      field: 9,
      default: 1_000,
      min: 0,
      max: 1_000_000,
      description: 'Rotated files that are kept; 0: no limit',
    }),
  },
  {
    message: 'adapter.stdio.config.Params',
    check({ logStream, outputPath }, problem) {
      const isFile = logStream === 'FILE' || logStream === 'ROTATED_FILE'
      if (isFile && outputPath === '') problem('outputPath', `is needed when logStream is ${logStream}`)
      if (!isFile && outputPath !== '') problem('outputPath', `has no meaning when logStream is ${logStream}`)
    },
  },
)

export type StdioSettings = SettingsOf<typeof stdioSettings>
