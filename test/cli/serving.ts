import { readFileSync } from 'node:fs'
import type { Test } from 'tap'
import { run } from '../../src/cli/index.js'
import { TestShell } from './shell.js'

const manifest = readFileSync('examples/config/attributes.yaml', 'utf8')

/** Documents of one file, the attributes first. */
export function documents(...more: string[]): string {
  return [manifest, ...more].join('\n---\n')
}

/** A rule that denies /secret with a message. */
export function denier(message: string): string {
  return `
apiVersion: config.istio.io/v1alpha2
kind: handler
metadata: {name: refuse, namespace: istio-system}
spec:
  compiledAdapter: denier
  params: {status: {code: 7, message: "${message}"}}
---
apiVersion: config.istio.io/v1alpha2
kind: instance
metadata: {name: nothing, namespace: istio-system}
spec: {compiledTemplate: checknothing}
---
apiVersion: config.istio.io/v1alpha2
kind: rule
metadata: {name: refuse, namespace: istio-system}
spec:
  match: request.path == "/secret"
  actions: [{handler: refuse, instances: [nothing]}]
`
}

/** A host that runs in this process. */
export interface Serving {
  readonly shell: TestShell
  readonly config: string
  readonly mixer: string
  readonly admin: string
  readonly ended: Promise<number>
}

/** `outboard serve` in this process, on free ports. */
export async function serving(t: Test, yaml: string, ...flags: string[]): Promise<Serving> {
  const config = t.testdir({ 'all.yaml': yaml })
  const shell = new TestShell()
  const args = [
    'serve',
    '--config',
    config,
    '--address',
    '127.0.0.1:0',
    '--admin',
    '127.0.0.1:0',
    '--drain-timeout',
    '2s',
  ]
  const ended = run([...args, ...flags], shell)
  const early = ended.then((code): string[] => {
    throw new Error(`it ended with ${code}: ${shell.stderr}`)
  })
  early.catch(() => {})
  const [line = ''] = await Promise.race([shell.printed(/\{[^\n]*"event":"listening"[^\n]*\}/), early])
  t.teardown(async () => {
    shell.signal('SIGTERM')
    await ended
  })
  const { addresses, admin } = JSON.parse(line)
  return { shell, config, mixer: addresses[0], admin, ended }
}

/** What `outboard check` prints, and its exit code. */
export async function check(mixer: string, path: string): Promise<{ code: number; text: string }> {
  const shell = new TestShell()
  const code = await run(
    ['check', '--mixer', mixer, '-s', `request.path=${path},destination.namespace=x`],
    shell,
  )
  return { code, text: shell.stdout + shell.stderr }
}
