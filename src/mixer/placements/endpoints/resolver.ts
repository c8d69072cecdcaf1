import { promises as dns } from 'node:dns'

/** Looks a name up. Rejects when there is no answer. */
export interface Resolver {
  resolve(host: string): Promise<readonly string[]>
}

/** Answers that one name may have; more are left out, in the resolver's order. */
export const maxAnswers = 64

/** The system's way: hosts file, then DNS; both families. */
export const systemResolver: Resolver = {
  async resolve(host) {
    const answers = await dns.lookup(host, { all: true, verbatim: true })
    return answers.map(answer => answer.address)
  },
}
