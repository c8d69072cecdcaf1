export type { Described } from './describe.js'
export { type BackoffOptions, defaultBackoff } from './endpoints/backoff.js'
export { type Resolver, systemResolver } from './endpoints/resolver.js'
export { inProcess, inProcessCoded } from './in-process/in-process.js'
export type { AdapterLookup } from './in-process/open-local.js'
export type {
  HostIdentity,
  RemoteOptions,
  RemoteTiming,
  Schedule,
} from './options.js'
export { createPlacements, type Placements } from './placements.js'
