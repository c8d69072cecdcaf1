import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { Child } from './child.js'
import { program } from './needed.js'
import { folder } from './outboard.js'

const examples = join(process.cwd(), 'adapters-sdk/examples')

/** An example adapter, and where it listens. */
export interface Example {
  readonly child: Child
  readonly address: string
}

export type ExampleName = 'names' | 'contract'

/** An adapter in Python; `how` is the folder of the example. */
export function pythonExample(
  t: Test,
  how: 'python-session' | 'python-unary',
  name: ExampleName,
): Promise<Example> {
  const address = `unix:${folder(t)}/adapter.sock`
  return started(t, address, program('python'), join(examples, how, `${name}_adapter.py`), address)
}

/** An adapter in Go. */
export function goExample(t: Test, name: ExampleName): Promise<Example> {
  const address = `unix:${folder(t)}/adapter.sock`
  return started(t, address, program('go-listentry'), '-adapter', name, '-address', address)
}

async function started(t: Test, address: string, file: string, ...args: readonly string[]): Promise<Example> {
  const child = new Child(file, args)
  t.teardown(() => child.end())
  await child.says(/ at \S+\n/)
  return { child, address }
}

/** The descriptor set of a .proto file with all its imports, as Istio's documents hold it: base64. */
export async function descriptorSet(t: Test, file: string): Promise<string> {
  const out = join(folder(t), 'set')
  const include = ['-I', 'adapters-sdk/proto', '-I', join(examples, 'proto')]
  const set = ['--include_imports', `--descriptor_set_out=${out}`]
  const protoc = new Child(program('python'), ['-m', 'grpc_tools.protoc', ...include, ...set, file])
  await protoc.says(/ended: 0/)
  return readFileSync(out).toString('base64')
}
