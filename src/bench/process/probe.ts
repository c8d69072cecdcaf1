import cluster, { type Worker } from 'node:cluster'
import { CpuProfile } from './cpu-profile.js'
import { Fields } from './fields.js'
import { readUsage, together } from './usage.js'
import { UsageWindow } from './window.js'

// Loaded with `--import` into each process that is measured, whatever program it runs: answers the benchmark's questions
// about it over the process's own channel. A process that serves with workers answers for all of them together.

/** What the probe can be asked. `begin` opens a window of measuring; `end` closes it and answers with the usage. */
const questions = ['begin', 'end', 'rss', 'profile-begin', 'profile-end'] as const
type Question = (typeof questions)[number]

let window: UsageWindow | undefined
let profile: CpuProfile | undefined

async function answerTo(question: Question): Promise<unknown> {
  switch (question) {
    case 'begin':
      window = new UsageWindow()
      return undefined
    case 'end': {
      const used = window?.close()
      window = undefined
      return used
    }
    case 'rss':
      return process.memoryUsage.rss()
    case 'profile-begin':
      profile = await CpuProfile.start()
      return undefined
    case 'profile-end': {
      const taken = await profile?.stop()
      profile = undefined
      return taken
    }
  }
}

/** Messages that are for the probe: `{probe: question, id}`; the answer is `{probed: id, answer}`. */
function questionOf(message: unknown): { question: Question; id: number } | undefined {
  if (typeof message !== 'object' || message === null || !('probe' in message)) return undefined
  const fields = new Fields('a question to the probe', message)
  const question = questions.find(known => known === fields.text('probe'))
  return question && { question, id: fields.number('id') }
}

process.on('message', message => {
  const asked = questionOf(message)
  if (asked === undefined) return
  const { question, id } = asked
  void Promise.all([answerTo(question), ...workers().map(worker => askWorker(worker, question))]).then(
    answers => process.send?.({ probed: id, answer: combined(question, answers) }),
  )
})

// Nothing that was measured outlives the benchmark; and listening to it keeps nobody from ending. Workers need their
// channel for themselves, and leave their parent by themselves.
if (cluster.isPrimary) {
  process.on('disconnect', () => process.exit())
  process.channel?.unref()
}

function workers(): Worker[] {
  return cluster.isPrimary ? Object.values(cluster.workers ?? {}).filter(worker => worker !== undefined) : []
}

let lastId = 0

function askWorker(worker: Worker, question: Question): Promise<unknown> {
  const id = ++lastId
  return new Promise(resolve => {
    const heard = (message: unknown) => {
      if (typeof message !== 'object' || message === null || !('probed' in message)) return
      const fields = new Fields("a worker's answer", message)
      if (fields.number('probed') !== id) return
      worker.off('message', heard)
      resolve(fields.unknown('answer'))
    }
    worker.on('message', heard)
    worker.send({ probe: question, id })
  })
}

/** One answer for all processes. Of profiles the first is taken. */
function combined(question: Question, answers: readonly unknown[]): unknown {
  if (answers.length === 1) return answers[0]
  switch (question) {
    case 'end':
      return together(answers.map(readUsage))
    case 'rss':
      return answers.reduce((sum: number, rss) => sum + Number(rss), 0)
    case 'begin':
    case 'profile-begin':
    case 'profile-end':
      return answers[0]
  }
}
