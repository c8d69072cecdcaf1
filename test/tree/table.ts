/** What one room may import. A path is a folder, or a file without its ending; `*` is everything. */
export interface Row {
  /** The folder, from the project root. The longest row that contains a file is the file's row. */
  readonly room: string
  /** Our own: rooms or single files of rooms. A room may always import itself. */
  readonly ours: readonly string[]
  /** Packages, and modules of Node with their prefix. */
  readonly outside: readonly string[]
}

const sdk = 'adapters-sdk/src/index'
const sdkProtocol = 'adapters-sdk/src/protocol'
const attributes = 'src/mixer/attributes'
const config = 'src/mixer/config'
const engine = 'src/mixer/engine'
const telemetry = 'src/mixer/telemetry'
const adapters = 'src/adapters'

/** The import table of the design, in its order. What it does not allow, it forbids. */
export const table: readonly Row[] = [
  { room: 'adapters-sdk/src', ours: [], outside: ['protobufjs'] },
  {
    room: 'adapters-sdk/src/protocol',
    ours: ['adapters-sdk/src'],
    outside: ['protobufjs', 'node:fs', 'node:url', 'node:crypto'],
  },
  {
    room: 'adapters-sdk/src/serve',
    ours: ['adapters-sdk/src'],
    outside: [
      '@grpc/grpc-js',
      'protobufjs',
      'node:fs',
      'node:path',
      'node:url',
      'node:crypto',
      'node:events',
    ],
  },
  {
    room: 'adapters-sdk/src/client',
    ours: ['adapters-sdk/src'],
    outside: ['@grpc/grpc-js', 'protobufjs', 'node:fs', 'node:url', 'node:crypto'],
  },
  { room: 'adapters-sdk/examples', ours: ['adapters-sdk/src/index', 'adapters-sdk/src/serve'], outside: [] },
  { room: attributes, ours: [], outside: [] },
  { room: 'src/mixer/expr', ours: [attributes], outside: ['re2js', 'tr46'] },
  {
    room: config,
    ours: [attributes, 'src/mixer/expr', sdk, sdkProtocol],
    outside: [
      'yaml',
      'chokidar',
      're2js',
      'protobufjs',
      'node:fs',
      'node:path',
      'node:crypto',
      'node:url',
      'node:zlib',
    ],
  },
  { room: telemetry, ours: [sdk], outside: ['@opentelemetry/api'] },
  { room: engine, ours: [attributes, config, telemetry, sdk], outside: [] },
  {
    room: 'src/mixer/placements',
    ours: [`${engine}/ports`, telemetry, sdk, sdkProtocol],
    outside: [
      '@grpc/grpc-js',
      'protobufjs',
      'node:fs',
      'node:path',
      'node:worker_threads',
      'node:crypto',
      'node:tls',
      'node:dns',
      'node:net',
      'node:http',
      'node:https',
    ],
  },
  {
    room: 'src/cache',
    ours: [`${engine}/ports`, `${engine}/cache-port`, `${engine}/api`, attributes, telemetry, sdk],
    outside: ['lru-cache', 'ioredis', 'node:crypto'],
  },
  {
    room: 'src/mixer/doors',
    ours: [engine, attributes, telemetry, sdk],
    outside: [
      '@grpc/grpc-js',
      '@grpc/reflection',
      'grpc-health-check',
      'protobufjs',
      'node:http',
      'node:http2',
      'node:net',
      'node:tls',
      'node:fs',
      'node:path',
      'node:crypto',
      'node:url',
      'node:zlib',
    ],
  },
  {
    room: 'src/mixer/admin',
    ours: [engine, config, telemetry, 'src/cache'],
    outside: ['node:http', 'node:net'],
  },
  { room: adapters, ours: [sdk], outside: ['*'] },
  { room: 'src/cli', ours: ['*'], outside: ['*'] },
  { room: 'src/bench', ours: ['*'], outside: ['*'] },
  { room: 'src/main', ours: ['src/cli'], outside: [] },
  { room: 'test', ours: ['*'], outside: ['*'] },
]

/** Folders whose every direct child must have a row of its own. */
export const roomFolders = ['src', 'src/mixer']

/** Files that may be longer than 300 lines, and why. A file that has become short enough must leave the list. */
export const longFiles: ReadonlyMap<string, string> = new Map()

/** Lines that a file may have. */
export const maxLines = 300
