export { AddressError, type ListenAddress, parseAddress, printAddress } from './address.js'
export type { AlsOptions } from './als/options.js'
export { createDoors, type Doors, type DoorsSetup } from './doors.js'
export type { ExtAuthzOptions } from './ext-authz/options.js'
export { globalWords } from './mixer/dictionary.js'
export {
  type DoorName,
  type DoorsOptions,
  doorNames,
  type ListenerOptions,
  type ServerKind,
  type ServerLimits,
} from './options.js'
export { TlsError, type TlsSettings } from './tls.js'
