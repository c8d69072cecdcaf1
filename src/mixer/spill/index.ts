export { FolderTakenError } from './owner.js'
export { Spill, type SpillOptions } from './spill.js'
