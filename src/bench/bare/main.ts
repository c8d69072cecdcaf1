import { connect, createServer } from 'node:net'
import { closedLoop, oneByOne } from '../load/closed-loop.js'
import type { Operation } from '../load/run.js'
import type { Done } from '../load/unary-client.js'
import { answerParent } from '../process/answering.js'
import { Fields } from '../process/fields.js'

// Two Node processes on a bare Unix socket, with as many bytes as a hop to an adapter, and nothing else: what a hop cannot be
// less than. `main '{"role": "answers" | "asks", "path"}'`; prints `{"address"}` when it is ready.

/** As a hop's question and its answer are on a session's socket. */
const questionBytes = 286
const answerBytes = 23

const setup = new Fields("the process's setup", JSON.parse(process.argv[2] ?? '{}'))
const path = setup.text('path')
const ready = () => console.log(JSON.stringify({ address: path }))

/** Answers each whole question. */
function answer(): void {
  createServer(socket => {
    let owed = 0
    socket.on('data', chunk => {
      for (owed += chunk.length; owed >= questionBytes; owed -= questionBytes)
        socket.write(Buffer.allocUnsafe(answerBytes))
    })
    socket.on('error', () => {})
  }).listen(path, ready)
}

function ask(): void {
  let waiting: Done | undefined
  let heard = 0
  const socket = connect(path, ready)
  socket.on('data', chunk => {
    heard += chunk.length
    if (heard < answerBytes) return
    heard -= answerBytes
    const done = waiting
    waiting = undefined
    done?.(undefined)
  })
  const operation: Operation = (lane, done) => {
    if (lane > 0) throw new RangeError('one question at a time: depth 1')
    waiting = done
    socket.write(Buffer.allocUnsafe(questionBytes))
  }
  answerParent({
    closed: async body => closedLoop(operation, body.number('depth'), body.number('ms')),
    one_by_one: async body => oneByOne(operation, body.number('count')),
  })
}

if (setup.text('role') === 'answers') answer()
else ask()
process.on('SIGTERM', () => process.exit(0))
