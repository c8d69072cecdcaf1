import { CliError } from '../../cli/errors.js'
import { Fields } from './fields.js'

/** An error whose message tells all: where in the program it was found helps nobody. */
export class PlainError extends Error {
  override readonly name = 'PlainError'
}

/** What a program of the benchmark can be asked, by name. */
export type Answers = Readonly<Record<string, (body: Fields) => Promise<unknown>>>

/** Answers the parent's questions (see `Child.ask`) until the parent goes away. */
export function answerParent(answers: Answers): void {
  // The probe lets the process end when it has nothing else to do; a program that waits for questions must not.
  process.channel?.ref()
  process.on('message', message => {
    if (typeof message !== 'object' || message === null || !('ask' in message)) return
    const fields = new Fields('a question', message)
    const question = fields.text('ask')
    const id = fields.number('id')
    const fail = (why: unknown) =>
      process.send?.({
        answered: id,
        failure: textOf(why),
      })
    const answer = answers[question]
    if (answer === undefined) fail(`does not know the question "${question}"`)
    else answer(fields).then(given => process.send?.({ answered: id, answer: given }), fail)
  })
  // The probe hears messages from the start; what came before now would have been lost on it.
  process.send?.({ answering: true })
}

function textOf(why: unknown): string {
  if (!(why instanceof Error)) return String(why)
  return why instanceof PlainError || why instanceof CliError ? why.message : (why.stack ?? why.message)
}
