import type { Test } from 'tap'
import type { Cases } from './cases/case.js'
import { checks } from './cases/checks.js'
import { lives } from './cases/lives.js'
import { verbs } from './cases/verbs.js'
import { type Subject, World } from './subject.js'

/** Every case of the contract, by name. */
export const contractCases: Cases = { ...checks, ...verbs, ...lives }

/** A case that hangs is a case that fails, milliseconds. */
const caseTimeoutMs = 8_000
/** A known gap is not waited for. */
const gapTimeoutMs = 150

/**
 * The contract that every placement keeps: what an adapter answers is what the host gets. Known gaps must be gaps:
 * when one closes, its line has to go.
 */
export function handlerContract(t: Test, makeSubject: () => Promise<Subject> | Subject): void {
  t.test('no gap is listed that is not a case', async t => {
    const { gaps } = await makeSubject()
    const unknown = gaps.filter(gap => !Object.hasOwn(contractCases, gap))
    if (unknown.length === 0) t.pass('each gap names a case')
    else t.fail(`no such case: ${unknown.join(', ')}`)
  })
  for (const [name, run] of Object.entries(contractCases)) {
    t.test(name, async t => {
      const subject = await makeSubject()
      const world = new World(subject)
      const isGap = subject.gaps.includes(name)
      const problem = await outcome(run, world, isGap ? gapTimeoutMs : caseTimeoutMs)
      await world.close()
      if (isGap && problem === undefined) t.fail('this gap has closed: take it from the list')
      else if (!isGap && problem !== undefined) t.fail(problem)
      else t.pass(isGap ? 'a known gap' : 'kept')
    })
  }
}

async function outcome(run: Cases[string], world: World, timeoutMs: number): Promise<string | undefined> {
  let stop = () => {}
  const hung = new Promise<string>(resolve => {
    const timer = setTimeout(() => resolve(`no end within ${timeoutMs} ms`), timeoutMs)
    stop = () => clearTimeout(timer)
  })
  const ran = run(world).then(
    () => undefined,
    (thrown: unknown) => (thrown instanceof Error ? thrown.message : String(thrown)),
  )
  const problem = await Promise.race([ran, hung])
  stop()
  return problem
}
