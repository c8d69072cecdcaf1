import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import t from 'tap'

/** The command as a process of its own, in whichever form these tests run. */
const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
const script = fileURLToPath(new URL(`../../src/main.${ending}`, import.meta.url))

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs `outboard …`; `during` is called once with the output so far when `when` is found in it. */
function outboard(args: readonly string[], when?: RegExp, during?: (pid: number) => void): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...process.execArgv, script, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let stdout = ''
    let stderr = ''
    let waiting = when !== undefined
    child.stdout.on('data', chunk => {
      stdout += String(chunk)
      if (waiting && when?.test(stdout)) {
        waiting = false
        during?.(child.pid ?? 0)
      }
    })
    child.stderr.on('data', chunk => {
      stderr += String(chunk)
    })
    child.once('error', reject)
    child.once('close', code => resolve({ code, stdout, stderr }))
  })
}

t.test('the demo shows an allowed and a denied check, a quota that runs out, and a report', async t => {
  const { code, stdout, stderr } = await outboard(['demo', '--once'])
  t.equal(code, 0, stderr)
  t.match(stdout, /1\. alice asks[^\n]*\n {3}Check: OK\n/)
  t.match(stdout, 'replace x-caller: alice')
  t.match(
    stdout,
    /2\. mallory asks[^\n]*\n {3}Check: PERMISSION_DENIED \(callers\.istio-system:mallory is not whitelisted\)\n/,
  )
  t.match(stdout, /request 5: OK, granted 1: [^\n]*\n {3}request 6: OK, granted 0: /)
  t.match(
    stdout,
    /^\{"level":"info",[^\n]*"instance":"accesslog\.instance\.istio-system","caller":"alice","code":200,/m,
  )
})

t.test('the demo goes on until it is told to end, says what to try, and leaves nothing behind', async t => {
  const pids: number[] = []
  const ended = await outboard(['demo'], /Ctrl-C ends it/, pid => process.kill(pid, 'SIGTERM'))
  t.equal(ended.code, 0, ended.stderr)
  for (const [, pid] of ended.stdout.matchAll(/^ {2}(?:listchecker|memquota) +process (\d+)/gm))
    pids.push(Number(pid))
  t.equal(pids.length, 2)
  for (const pid of pids) t.throws(() => process.kill(pid, 0), { code: 'ESRCH' }, 'the adapter has ended')
  t.match(ended.stdout, /outboard check|main\.js check/)
})

t.test('a wrong command line is exit code 2, with a word of help', async t => {
  const { code, stderr } = await outboard(['serv'])
  t.equal(code, 2)
  t.match(stderr, 'Did you mean serve?')
  t.equal((await outboard(['check', '--rate', 'fast'])).code, 2)
})
