import { Fields } from './fields.js'

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
        failure: why instanceof Error ? (why.stack ?? why.message) : String(why),
      })
    const answer = answers[question]
    if (answer === undefined) fail(`does not know the question "${question}"`)
    else answer(fields).then(given => process.send?.({ answered: id, answer: given }), fail)
  })
  // The probe hears messages from the start; what came before now would have been lost on it.
  process.send?.({ answering: true })
}
