import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { CliError } from '../errors.js'

/** An adapter that runs as a process of its own. */
export interface AdapterProcess {
  readonly name: string
  readonly pid: number
  /** Where it listens. */
  readonly address: string
  /** Asks it to finish, and waits until it has. */
  stop(): Promise<void>
}

/** Longest wait for a process to say where it listens. */
const startTimeoutMs = 20_000
/** Characters of its error output that are kept. */
const maxComplaint = 4_000
/** Longest wait for it to finish before it is killed. */
const stopTimeoutMs = 5_000

/**
 * Starts `outboard adapter serve NAME` on a free port of this machine.
 * @throws {CliError} `CLI_NOT_READY` when it does not come up
 */
export async function startAdapterProcess(name: string, script: string): Promise<AdapterProcess> {
  const args = [...process.execArgv, script, 'adapter', 'serve', name, '--address', '127.0.0.1:0', '--json']
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  try {
    const address = await listeningAddress(child, name)
    return { name, pid: child.pid ?? 0, address, stop: () => stop(child) }
  } catch (error) {
    await stop(child)
    throw error
  }
}

/** The first line that it prints says where it listens. */
function listeningAddress(child: ChildProcess, name: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let complaint = ''
    // Its own lines are of interest only when it does not come up; they are read all the same, so that it can go on.
    child.stderr?.on('data', chunk => {
      if (complaint.length < maxComplaint) complaint += String(chunk)
    })
    const fail = (why: string) =>
      reject(new CliError('CLI_NOT_READY', `The adapter ${name} did not start: ${why}\n${complaint}`))
    const timer = setTimeout(() => fail(`it said nothing for ${startTimeoutMs / 1_000} s`), startTimeoutMs)
    child.once('error', error => fail(error.message))
    child.once('exit', code => fail(`it ended with code ${code}`))
    if (child.stdout === null) return fail('it has no output')
    createInterface({ input: child.stdout }).once('line', line => {
      clearTimeout(timer)
      const address = addressOf(line)
      if (address === undefined) fail(`it said "${line}"`)
      else resolve(address)
    })
  })
}

function addressOf(line: string): string | undefined {
  try {
    const said: unknown = JSON.parse(line)
    if (typeof said !== 'object' || said === null || !('address' in said)) return undefined
    return typeof said.address === 'string' ? said.address : undefined
  } catch {
    return undefined
  }
}

function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise(resolve => {
    const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs)
    child.once('exit', () => {
      clearTimeout(timer)
      resolve()
    })
    child.kill('SIGTERM')
  })
}
