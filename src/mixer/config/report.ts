import type { ConfigCode } from './codes.js'
import type { Note, Problem } from './problem.js'
import type { Place } from './source/place.js'

/**
 * Problems and notes of one load. Keeps at most `maxProblems` (the count goes on), because a file in the wrong place
 * can have one for each of its lines.
 */
export class Findings {
  readonly problems: Problem[] = []
  readonly notes: Note[] = []
  /** All that were found, also those not kept. */
  problemCount = 0

  constructor(private readonly maxProblems = 1_000) {}

  problem(problem: Problem): void {
    this.problemCount++
    if (this.problems.length < this.maxProblems) this.problems.push(problem)
  }

  note(place: Place, message: string): void {
    if (this.notes.length < this.maxProblems) this.notes.push({ at: place.location(), message })
  }
}

/** Reports what is wrong with one document, and says each time what the document was for. */
export class Reporter {
  constructor(
    readonly findings: Findings,
    readonly resource: string | undefined,
    private readonly purpose: () => string,
  ) {}

  problem(code: ConfigCode, place: Place, message: string, mend: string): void {
    this.findings.problem({
      code,
      at: place.location(),
      resource: this.resource,
      message,
      would: this.purpose(),
      mend,
    })
  }

  note(place: Place, message: string): void {
    this.findings.note(place, message)
  }
}
