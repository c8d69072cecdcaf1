import { type Findings, Reporter } from '../report.js'
import type { Turns } from '../turns.js'
import type { ReadFault } from './fault.js'
import type { SourceLimits } from './limits.js'
import type { Node } from './node.js'
import { parseText } from './parse.js'
import { Place, SourceText } from './place.js'

/** One configuration file, or why there is none. */
export type ReadSource =
  | { readonly file: string; readonly text: string }
  | {
      readonly file: string
      readonly fault: Pick<ReadFault, 'code' | 'message' | 'mend'> & {
        /** What could be read before the fault; undefined: it is the whole file's. */
        readonly before?: string
      }
    }

/** The documents of all files; what cannot be read is reported. */
export async function readDocuments(
  sources: readonly ReadSource[],
  limits: SourceLimits,
  findings: Findings,
  turns: Turns,
): Promise<Node[]> {
  const report = new Reporter(findings, undefined, () => '')
  const documents: Node[] = []
  for (const read of sources) {
    if ('fault' in read) {
      const { code, message, mend, before = '' } = read.fault
      const place = new Place(new SourceText(read.file, before), before.length, undefined, undefined)
      report.problem(code, place, message, mend)
      continue
    }
    const source = new SourceText(read.file, read.text)
    const start = new Place(source, 0, undefined, undefined)
    for (const { node, faults } of parseText(source, limits)) {
      for (const { code, place, message, mend } of faults) report.problem(code, place, message, mend)
      if (node !== undefined) documents.push(node)
      const others = turns.due()
      if (others !== undefined) await others
    }
    if (documents.length > limits.maxDocuments) {
      report.problem(
        'CONFIG_TOO_MANY_DOCUMENTS',
        start,
        `Cannot load the configuration: found more than ${limits.maxDocuments} documents`,
        'split the configuration, or raise the limit',
      )
      break
    }
  }
  return documents
}
