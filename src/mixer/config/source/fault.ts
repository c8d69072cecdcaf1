import type { ConfigCode } from '../codes.js'
import type { SourceLimits } from './limits.js'
import type { Place } from './place.js'

/** What stops a file, or a document of it, from being read. */
export interface ReadFault {
  readonly code: ConfigCode
  readonly place: Place
  readonly message: string
  readonly mend: string
}

export function tooDeep(place: Place, limits: SourceLimits): ReadFault {
  return {
    code: 'CONFIG_YAML_LIMIT',
    place,
    message: `Cannot read the document: found more than ${limits.maxDepth} maps and lists within each other`,
    mend: `nest at most ${limits.maxDepth} levels deep`,
  }
}
