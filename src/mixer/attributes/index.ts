export { AttributeBag } from './bag.js'
export { Later } from './later.js'
export { type Reference, References } from './references.js'
export {
  type AttributeValue,
  addInt64,
  hasForm,
  Instant,
  type Int64,
  int64,
  isStringMap,
  type StringMap,
  type ValueType,
} from './value.js'
export { type Declaration, type Slot, Vocabulary } from './vocabulary.js'
