export type { Described } from './describe.js'
export { type BackoffOptions, defaultBackoff } from './endpoints/backoff.js'
export { type Resolver, systemResolver } from './endpoints/resolver.js'
export { inProcess, inProcessCoded } from './in-process/in-process.js'
export type { AdapterLookup } from './in-process/open-local.js'
export {
  defaultSchedules,
  type HostIdentity,
  type RemoteOptions,
  type RemoteTiming,
  type Schedule,
  type Schedules,
} from './options.js'
export { createPlacements, type Placements } from './placements.js'
