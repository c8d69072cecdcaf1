import type { World } from '../subject.js'

/** Cases by name; a case throws when the placement does not keep the contract. */
export type Cases = Readonly<Record<string, (world: World) => Promise<void>>>
