export { type AdminCode, adminCodes } from './reply.js'
export { type Admin, type AdminOptions, openAdmin } from './server.js'
export {
  type AdminSources,
  type CacheControls,
  type Condition,
  type Flushed,
  type Readiness,
  readiness,
} from './sources.js'
