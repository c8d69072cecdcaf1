import { writeFileSync } from 'node:fs'
import t from 'tap'
import { run } from '../../src/cli/index.js'
import { documents, serving } from './serving.js'
import { TestShell } from './shell.js'

const metric = (name: string, kind: string) =>
  `{instance_name: ${name}.instance.istio-system, name: ${name}, kind: ${kind}}`

/** Metrics by name, each of which counts every report. */
function counted(metrics: Readonly<Record<string, string>>): string {
  const names = Object.keys(metrics)
  const settings = Object.entries(metrics).map(([name, kind]) => metric(name, kind))
  const instances = names.map(
    name => `
kind: instance
metadata: {name: ${name}, namespace: istio-system}
spec: {compiledTemplate: metric, params: {value: "1"}}
---`,
  )
  return `${instances.join('')}
kind: handler
metadata: {name: counters, namespace: istio-system}
spec: {compiledAdapter: prometheus, params: {port: 0, metrics: [${settings.join(', ')}]}}
---
kind: rule
metadata: {name: counters, namespace: istio-system}
spec: {actions: [{handler: counters, instances: [${names.join(', ')}]}]}
`
}

/** A handler that is refused when it is opened, and no sooner: its file is a folder. */
const refused = (folder: string) => `
kind: handler
metadata: {name: lines, namespace: istio-system}
spec: {compiledAdapter: stdio, params: {logStream: FILE, outputPath: "${folder}"}}
---
kind: rule
metadata: {name: lines, namespace: istio-system}
spec: {actions: [{handler: lines, instances: [a]}]}
`

async function samples(url: string): Promise<string[]> {
  const text = await (await fetch(url)).text()
  return text.split('\n').filter(line => line.startsWith('istio_'))
}

t.test(
  'a change that is refused, and its undoing, leave the metrics of the handlers in force alone',
  async t => {
    const { shell, config, mixer } = await serving(t, documents(counted({ a: 'COUNTER', b: 'COUNTER' })))
    const [, url = ''] = await shell.printed(/serving metrics at (http:[^"\s]+)/)
    const reported = async (expected: readonly string[]) => {
      t.equal(await run(['report', '--mixer', mixer, '-s', 'request.path=/'], new TestShell()), 0)
      // A report is counted soon after it was taken.
      const deadline = Date.now() + 20_000
      while (`${await samples(url)}` !== `${expected}` && Date.now() < deadline) {
        await new Promise(resolve => setTimeout(resolve, 20))
      }
      t.same(await samples(url), expected)
    }
    await reported(['istio_a 1', 'istio_b 1'])
    writeFileSync(`${config}/all.yaml`, documents(counted({ a: 'GAUGE' }), refused(config)))
    await shell.printed(/cannot be opened for writing/)
    await reported(['istio_a 2', 'istio_b 2'])
    writeFileSync(`${config}/all.yaml`, documents(counted({ a: 'COUNTER', b: 'COUNTER' })))
    await shell.printed(/"event":"config_live","id":2/)
    await reported(['istio_a 3', 'istio_b 3'])
    writeFileSync(`${config}/all.yaml`, documents(counted({ a: 'COUNTER', c: 'COUNTER' })))
    await shell.printed(/"event":"config_live","id":3/)
    await reported(['istio_a 4', 'istio_c 1'])
  },
)
