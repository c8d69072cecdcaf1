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
const expr = 'src/mixer/expr'
const attributes = 'src/mixer/attributes'
const config = 'src/mixer/config'
const engine = 'src/mixer/engine'
const telemetry = 'src/mixer/telemetry'

/**
 * The import table of the design, in its order. What it does not allow, it forbids. Where it allows more than the design
 * says, docs/decisions/import-table.md has the reason.
 */
export const table: readonly Row[] = [
  { room: 'adapters-sdk/src', ours: [], outside: ['protobufjs', 'node:buffer'] },
  {
    room: 'adapters-sdk/src/serve',
    ours: ['adapters-sdk/src'],
    outside: [
      '@grpc/grpc-js',
      'protobufjs',
      'node:buffer',
      'node:crypto',
      'node:dns/promises',
      'node:fs',
      'node:fs/promises',
      'node:http',
      'node:net',
      'node:stream',
      'node:tls',
      'node:url',
    ],
  },
  {
    room: 'adapters-sdk/src/client',
    ours: ['adapters-sdk/src'],
    outside: ['@grpc/grpc-js', 'protobufjs', 'node:buffer', 'node:crypto', 'node:fs', 'node:url'],
  },
  { room: 'adapters-sdk/examples', ours: ['adapters-sdk/src/index', 'adapters-sdk/src/serve'], outside: [] },
  { room: attributes, ours: [], outside: [] },
  {
    room: expr,
    ours: [attributes],
    outside: ['re2js', 'tr46', '@marcbachmann/cel-js', 'lru-cache'],
  },
  {
    room: config,
    ours: [attributes, expr, sdk],
    outside: [
      'yaml',
      'chokidar',
      're2js',
      'node:buffer',
      'node:crypto',
      'node:fs',
      'node:fs/promises',
      'node:path',
    ],
  },
  { room: telemetry, ours: [sdk], outside: ['@opentelemetry/api'] },
  { room: engine, ours: [attributes, `${expr}/index`, config, telemetry, sdk], outside: ['node:perf_hooks'] },
  {
    room: 'src/mixer/placements',
    ours: [`${engine}/ports`, telemetry, sdk, sdkProtocol],
    outside: [
      '@grpc/grpc-js',
      'node:buffer',
      'node:crypto',
      'node:dns',
      'node:dns/promises',
      'node:fs',
      'node:fs/promises',
      'node:http',
      'node:net',
      'node:stream',
      'node:tls',
      'node:worker_threads',
    ],
  },
  {
    room: 'src/cache',
    ours: [
      `${engine}/ports`,
      `${engine}/cache-port`,
      `${engine}/api`,
      `${engine}/breaker`,
      attributes,
      telemetry,
      sdk,
    ],
    outside: ['lru-cache', 'ioredis', 'node:crypto'],
  },
  {
    room: 'src/mixer/spill',
    ours: [`${engine}/ports`, telemetry, sdk],
    outside: ['node:buffer', 'node:crypto', 'node:fs/promises', 'node:net', 'node:path', 'node:zlib'],
  },
  {
    room: 'src/mixer/doors',
    ours: [engine, attributes, telemetry, sdk],
    outside: [
      '@grpc/grpc-js',
      'protobufjs',
      'node:crypto',
      'node:fs',
      'node:fs/promises',
      'node:http',
      'node:http2',
      'node:net',
      'node:tls',
      'node:url',
      'node:util',
      'node:zlib',
    ],
  },
  {
    room: 'src/mixer/admin',
    ours: [engine, config, telemetry, 'src/cache'],
    outside: ['node:http', 'node:net'],
  },
  { room: 'src/adapters', ours: [sdk], outside: ['*'] },
  { room: 'src/cli', ours: ['*'], outside: ['*'] },
  { room: 'src/bench', ours: ['*'], outside: ['*'] },
  { room: 'src/main', ours: ['src/cli'], outside: ['node:fs'] },
  { room: 'tools', ours: [], outside: ['esbuild', 'node:fs', 'node:path'] },
  { room: 'test', ours: ['*'], outside: ['*'] },
]

/** Folders whose every direct child must have a row of its own. */
export const roomFolders = ['src', 'src/mixer']

/** Files that may be longer than 300 lines, and why. A file that has become short enough must leave the list. */
export const longFiles: ReadonlyMap<string, string> = new Map()

/** Lines that a file may have. */
export const maxLines = 300
