import { type AdapterHost, defineAdapter, type HandlerVerbs, SettingsError } from '@outboard/adapters-sdk'
import { systemTimers } from '../timers.js'
import { linesOf } from './entries.js'
import { type StdioSettings, stdioSettings } from './settings.js'
import { type Destination, type SinkLease, Sinks } from './sinks.js'

const bytesPerMegabyte = 1024 * 1024
const msPerDay = 86_400_000

/** Which descriptors are standard output and standard error. */
export interface StandardStreams {
  readonly stdout: number
  readonly stderr: number
}

/** The stdio adapter on these streams. */
export function makeStdio(streams: StandardStreams, sinks: Sinks) {
  return defineAdapter({
    name: 'stdio',
    version: '1.0.0',
    description: 'Writes log entries and metrics as lines to standard output, standard error or files',
    templates: ['logentry', 'metric'],
    settings: stdioSettings,
    open: (settings, host) => openStdio(settings, host, streams, sinks),
  })
}

/** The stdio adapter. */
export const stdio = makeStdio({ stdout: 1, stderr: 2 }, new Sinks(systemTimers))

async function openStdio(
  settings: StdioSettings,
  host: AdapterHost,
  streams: StandardStreams,
  sinks: Sinks,
): Promise<HandlerVerbs> {
  const lease = await openSink(destinationOf(settings, streams), host, sinks)
  return {
    async report(instances) {
      const lines = linesOf(instances, settings, host.now())
      if (lines !== '') await lease.append(lines)
    },
    close: () => lease.release(),
  }
}

async function openSink(destination: Destination, host: AdapterHost, sinks: Sinks): Promise<SinkLease> {
  try {
    return await sinks.open(destination, () => host.now())
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new SettingsError([{ path: 'outputPath', message: `cannot be opened for writing: ${reason}` }])
  }
}

function destinationOf(settings: StdioSettings, streams: StandardStreams): Destination {
  switch (settings.logStream) {
    case 'STDOUT':
      return { kind: 'descriptor', descriptor: streams.stdout }
    case 'STDERR':
      return { kind: 'descriptor', descriptor: streams.stderr }
    case 'FILE':
      return { kind: 'file', path: settings.outputPath, rotation: undefined }
    case 'ROTATED_FILE':
      return {
        kind: 'file',
        path: settings.outputPath,
        // Upstream takes the days for the number of files and the number of files for the days.
        rotation: {
          maxBytes: settings.maxMegabytesBeforeRotation * bytesPerMegabyte,
          maxAgeMs: settings.maxDaysBeforeRotation * msPerDay,
          maxFiles: settings.maxRotatedFiles,
        },
      }
  }
}
