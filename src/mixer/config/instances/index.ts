export { type AdapterConfig, adapterConfigOf, type EncodedParams, encodeParams } from './adapter-config.js'
export { compileInstance, type InstanceSource } from './compile-instance.js'
export type { InstanceStyle } from './params.js'
export {
  type Compiled,
  type FieldPath,
  type InstanceProblem,
  type InstanceProblemCode,
  printPath,
} from './problem.js'
export { SharedMaps } from './shared-maps.js'
export { toAttribute, toValue } from './values.js'
